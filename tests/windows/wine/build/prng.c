/* bcryptprimitives.dll, which wine 8 lacks: the random numbers of what is written in Rust. */
#include <windows.h>
#include <ntsecapi.h>

#define MOST 0x10000000u

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)
{
    while (length) {
        ULONG part = length > MOST ? MOST : (ULONG)length;
        if (!RtlGenRandom(data, part))
            return FALSE;
        data += part;
        length -= part;
    }
    return TRUE;
}
