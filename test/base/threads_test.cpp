#include "base/threads.h"

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace yagura;

TEST_CASE("work is done on so many threads at once, and this one takes part") {
    std::latch together(3);
    std::atomic<bool> here = false;
    const auto self = std::this_thread::get_id();
    on_threads(3, [&] {
        together.arrive_and_wait();  // would never end with fewer
        if (std::this_thread::get_id() == self) here = true;
    });
    CHECK(here.load());
    int calls = 0;
    on_threads(0, [&] { ++calls; });
    CHECK(calls == 1);
}

TEST_CASE("what is shared out is done once each, by however many") {
    for (const size_t threads : {0, 1, 4, 100}) {
        std::vector<std::atomic<int>> done(50);
        share_out(done.size(), threads, [&](size_t i) { ++done[i]; });
        for (const auto& times : done) CHECK(times == 1);
    }
    share_out(0, 4, [](size_t) { FAIL("nothing is to be done"); });
}
