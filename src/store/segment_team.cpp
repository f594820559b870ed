#include "store/segment_team.h"

namespace yagura::store {

void SegmentTeam::run(std::span<const Job> jobs) {
    if (jobs.empty()) return;
    Commit commit{.jobs = jobs};
    std::unique_lock lock(mutex_);
    open_.push_back(&commit);
    do_jobs(lock, commit);
    one_done_.wait(lock, [&] { return commit.done == commit.jobs.size(); });
}

void SegmentTeam::help() {
    std::unique_lock lock(mutex_);
    while (!open_.empty()) do_jobs(lock, *open_.back());
}

// `lock` is held but for the jobs themselves. Nobody's run() returns before its last job is counted
// and the lock is free.
void SegmentTeam::do_jobs(std::unique_lock<std::mutex>& lock, Commit& commit) {
    while (commit.begun < commit.jobs.size()) {
        const Job& job = commit.jobs[commit.begun++];
        if (commit.begun == commit.jobs.size()) std::erase(open_, &commit);
        lock.unlock();
        job();
        lock.lock();
        ++commit.done;
        one_done_.notify_all();
    }
}

}  // namespace yagura::store
