/* Stands before the C library's read (LD_PRELOAD): what a network's file system does now and then to files whose path contains SER_TEST_READS_OF.
 *
 * SER_TEST_READS: short        at most 1 to 7 bytes of what was asked for
 *                 interrupted  every other call ends with EINTR
 *                 slow         a millisecond before each call
 *                 fail:N:E     from byte N of the file on, error number E
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

typedef ssize_t (*reader)(int, void *, size_t);

static int meant(int file) {
    const char *part = getenv("SER_TEST_READS_OF");
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (part == NULL || length < 0)
        return 0;
    path[length] = 0;
    return strstr(path, part) != NULL;
}

ssize_t read(int file, void *into, size_t length) {
    static __thread unsigned calls;
    reader real = (reader)dlsym(RTLD_NEXT, "read");
    const char *how = getenv("SER_TEST_READS");
    if (how == NULL || length == 0 || !meant(file))
        return real(file, into, length);
    calls++;
    if (strcmp(how, "short") == 0) {
        size_t most = 1 + calls % 7;
        return real(file, into, length < most ? length : most);
    }
    if (strcmp(how, "interrupted") == 0 && calls % 2 == 1) {
        errno = EINTR;
        return -1;
    }
    if (strcmp(how, "slow") == 0)
        usleep(1000);
    long from;
    int error;
    if (sscanf(how, "fail:%ld:%d", &from, &error) == 2) {
        long at = lseek(file, 0, SEEK_CUR);
        if (at >= from) {
            errno = error;
            return -1;
        }
        if (length > (size_t)(from - at))
            length = from - at;
    }
    return real(file, into, length);
}
