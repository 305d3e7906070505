#include "engine/kernel.h"

#include <stdlib.h>
#include <string.h>

const struct modprop_kernel *modprop_kernel_at(size_t index)
{
    const struct modprop_kernel *usable[3];
    size_t count = 0;
#if defined(__x86_64__) && !MODPROP_KERNEL_DOUBLE
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        usable[count++] = &modprop_kernel_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        usable[count++] = &modprop_kernel_avx2;
#endif
    usable[count++] = &modprop_kernel_portable;
    return index < count ? usable[index] : NULL;
}

const char *modprop_kernel_name(void)
{
    return modprop_kernel_choose()->name;
}

const struct modprop_kernel *modprop_kernel_choose(void)
{
    const char *const wanted = getenv("MODPROP_KERNEL");
    for (size_t k = 0; wanted && modprop_kernel_at(k); k++)
        if (strcmp(modprop_kernel_at(k)->name, wanted) == 0)
            return modprop_kernel_at(k);
    return modprop_kernel_at(0);
}
