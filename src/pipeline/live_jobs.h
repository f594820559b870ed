// What is asked of a running LiveIngest, done in small steps between what comes by itself.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "pipeline/live_session.h"

namespace yagura::pipeline {

struct LiveJob {
    std::string kind;    // folder, sample, remove_sample, replay
    uint64_t done = 0;   // objects
    uint64_t total = 0;  // 0 while it is not known
    bool finished = false;
    std::string error;     // why it failed; empty: it did not
    uint64_t records = 0;  // replay: that now are rows
    uint64_t still = 0;    // replay: objects some of whose records still cannot be used
    uint64_t gone = 0;     // replay: objects that are nowhere any more
};

class LiveJobSteps {
  public:
    virtual ~LiveJobSteps() = default;
    // Works for a moment and brings `job` up to date; true when all is done. What it read is
    // committed by the caller.
    virtual Result<bool> step(LiveSession& session, LiveJob& job) = 0;
};

std::unique_ptr<LiveJobSteps> folder_job(std::string path);
std::unique_ptr<LiveJobSteps> sample_job(std::filesystem::path lake);
std::unique_ptr<LiveJobSteps> remove_sample_job(std::filesystem::path lake);
std::unique_ptr<LiveJobSteps> replay_job(std::filesystem::path lake);

}  // namespace yagura::pipeline
