// Segments of a commit, written by whichever of a writer's workers has time.
//
//   team.run(jobs);   // a worker with something to commit
//   team.help();      // one that has nothing left to read
//
// What a worker reads is its own until it ends; then workers end at one time with more or less to
// write, and the last one would keep all others waiting. Thread-safe; help() never waits for what
// nobody has begun.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

namespace yagura::store {

class SegmentTeam {
  public:
    // Keeps its result itself and throws nothing.
    using Job = std::function<void()>;

    // Does each of the jobs once, first ones first, here or in somebody's help(). Returns when all
    // are done.
    void run(std::span<const Job> jobs);

    // Does jobs of others until none is left that nobody has begun.
    void help();

  private:
    struct Commit {
        std::span<const Job> jobs;
        size_t begun = 0;
        size_t done = 0;
    };
    void do_jobs(std::unique_lock<std::mutex>& lock, Commit& commit);

    std::mutex mutex_;
    std::condition_variable one_done_;
    std::vector<Commit*> open_;  // with jobs nobody has begun; each lives in its run()
};

}  // namespace yagura::store
