// What a fuzz target demands. Unlike assert it also holds in optimised builds.
#pragma once

#include <cstdio>
#include <cstdlib>

#define YAGURA_EXPECT(condition)                                                         \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                \
        }                                                                                \
    } while (false)
