# Time of a training iteration against units, steps and trials, with the dense forward limit.
# Variables from the command line: csv, out, kind (svg or png).
if (kind eq "svg") {
    set terminal svg size 1000,360 font "sans-serif,11" background "white"
} else {
    set terminal pngcairo size 1000,360 font "sans,10"
}
set output out
set datafile separator ","
set logscale xy
set grid
set key left top
set ylabel "ms per training iteration"
set format y "%g"
set multiplot layout 1,3 title "modprop online, one core: whole training iteration"

# Columns: 1 group, 4 n, 5 T, 6 B, 10 ms, 11 and 12 quartiles, 13 dense limits; NaN leaves a row out.
of(group, column) = strcol(1) eq group ? column(column) : NaN
do for [panel = 1:3] {
    group = word("n T B", panel)
    at = panel + 3
    set xlabel word("units steps trials", panel).sprintf(" (%s)", group)
    plot csv using (of(group, at)):(column(10)):(column(11)):(column(12)) \
             with yerrorlines pointtype 7 title "iteration", \
         csv using (of(group, at)):(column(10) / column(13)) with lines dashtype 2 title "dense forward limit"
}
unset multiplot
