// Work that several threads do at once, this one among them.
//
//   share_out(files.size(), threads, [&](size_t i) { texts[i] = read(files[i]); });
#pragma once

#include <cstddef>
#include <functional>

namespace yagura {

// Calls `work` once on each of `count` threads, at least on this one; returns when all are done.
// `work` must not throw and is called at the same time by all.
void on_threads(size_t count, const std::function<void()>& work);

// Calls `work` once for each number below `count`, the lower ones first, on at most `threads`
// threads.
void share_out(size_t count, size_t threads, const std::function<void(size_t)>& work);

}  // namespace yagura
