#include "base/large_memory.h"

#include <new>

#include <sys/mman.h>

namespace yagura {

void* allocate_large(size_t size) {
    if (size < kHugePage) return ::operator new(size);
    void* const memory = ::operator new(size, std::align_val_t(kHugePage));
    // Whole pages only: what follows is somebody else's. A kernel that refuses changes nothing.
    [[maybe_unused]] const int refused = ::madvise(memory, size & ~(kHugePage - 1), MADV_HUGEPAGE);
    return memory;
}

void free_large(void* memory, size_t size) {
    if (size < kHugePage) return ::operator delete(memory);
    ::operator delete(memory, std::align_val_t(kHugePage));
}

}  // namespace yagura
