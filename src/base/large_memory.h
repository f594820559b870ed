// Memory for what grows large: lists, logs and tables of a whole scan.
//
//   std::vector<Signal, LargeAllocator<Signal>> signals;
//
// The kernel hands out memory in pages of 4 KiB, each at its first touch, which takes longer than
// filling the page. Here it is asked for huge ones, 2 MiB a touch (madvise(2), MADV_HUGEPAGE);
// where it has none to give, this is memory like any other. Anything smaller comes from the heap as
// ever.
#pragma once

#include <cstddef>
#include <memory>

namespace yagura {

constexpr size_t kHugePage = size_t{2} << 20;

// Uninitialised; throws std::bad_alloc. Give back with free_large() and the same size.
void* allocate_large(size_t size);
void free_large(void* memory, size_t size);

struct FreeLarge {
    size_t size = 0;
    void operator()(char* memory) const { free_large(memory, size); }
};
using LargeBytes = std::unique_ptr<char[], FreeLarge>;
inline LargeBytes make_large_bytes(size_t size) {
    return {static_cast<char*>(allocate_large(size)), FreeLarge{size}};
}

template <class T>
struct LargeAllocator {
    using value_type = T;

    LargeAllocator() = default;
    template <class U>
    LargeAllocator(const LargeAllocator<U>&) {}

    T* allocate(size_t count) { return static_cast<T*>(allocate_large(count * sizeof(T))); }
    void deallocate(T* memory, size_t count) { free_large(memory, count * sizeof(T)); }

    friend bool operator==(const LargeAllocator&, const LargeAllocator&) { return true; }
};

}  // namespace yagura
