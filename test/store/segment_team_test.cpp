#include "store/segment_team.h"

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using yagura::store::SegmentTeam;

TEST_CASE("who has nobody to help him does all his jobs himself, in their order") {
    SegmentTeam team;
    std::vector<int> done;
    const std::vector<SegmentTeam::Job> jobs{[&] { done.push_back(0); },
                                             [&] { done.push_back(1); }};
    team.run(jobs);
    CHECK(done == std::vector{0, 1});
    team.run({});
    team.help();  // nothing is open: it does not wait
    CHECK(done.size() == 2);
}

TEST_CASE("a helper takes what nobody has begun, and run() waits for him") {
    SegmentTeam team;
    std::promise<void> begun, helped;
    std::thread::id by[2];
    const std::vector<SegmentTeam::Job> jobs{[&] {
                                                 by[0] = std::this_thread::get_id();
                                                 begun.set_value();
                                                 helped.get_future().wait();
                                             },
                                             [&] {
                                                 by[1] = std::this_thread::get_id();
                                                 helped.set_value();
                                             }};
    std::jthread helper([&] {
        begun.get_future().wait();
        team.help();
    });
    team.run(jobs);  // would never end without the helper
    CHECK(by[0] == std::this_thread::get_id());
    CHECK(by[1] == helper.get_id());
}

TEST_CASE("many workers with many jobs do each once") {
    constexpr int kWorkers = 4, kCommits = 50, kJobs = 14;
    SegmentTeam team;
    std::atomic<int> done = 0;
    std::atomic<bool> is_short = false;
    {
        std::vector<std::jthread> workers;
        for (int worker = 0; worker < kWorkers; ++worker) {
            workers.emplace_back([&] {
                for (int commit = 0; commit < kCommits; ++commit) {
                    std::atomic<int> own = 0;
                    const std::vector<SegmentTeam::Job> jobs(kJobs, [&] {
                        ++own;
                        ++done;
                    });
                    team.run(jobs);
                    if (own != kJobs) is_short = true;
                    team.help();
                }
            });
        }
    }
    CHECK_FALSE(is_short.load());
    CHECK(done == kWorkers * kCommits * kJobs);
}
