// Logs into a lake as they come: what a LiveIngest does while it holds the lake's writer.
//
//   YAGURA_TRY(auto session, LiveSession::open(options, rules));
//   YAGURA_CHECK(session->read(path, is_closed));           // one changed file
//   YAGURA_CHECK(session->commit());                        // rows, findings, cursors: one commit
//   YAGURA_CHECK(session->settle(LiveDetection::Mode::coming));
//
// There is no cursor beside the ledger: the row of a file that grows says how much of it was read
// and what that was (store/writer.h), and it is committed with the rows. After an error the session
// is thrown away and another one goes on from the lake, as after a crash. Belongs to one thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/result.h"
#include "decode/record_reader.h"
#include "pipeline/ingest_consumer.h"
#include "pipeline/live_compaction.h"
#include "pipeline/live_detection.h"
#include "pipeline/rule_keeper.h"
#include "source/tail.h"
#include "store/writer.h"

namespace yagura::pipeline {

class LiveSession {
  public:
    struct Options {
        std::filesystem::path lake;
        std::chrono::microseconds lateness = detect::kCloudTrailLateness;
        store::WriterOptions writer;
        const std::atomic<bool>* stop = nullptr;
        bool compact = true;
        size_t most_remembered = 10'000;  // files, some 1.5 KB each
        // Gets what rules cost, measured on a sample of what is read; every few seconds.
        std::function<void(const match::RuleCosts&)> costs;
    };

    // Code::busy when somebody else writes the lake.
    static Result<std::unique_ptr<LiveSession>> open(const Options& options,
                                                     std::shared_ptr<const CompiledRules> rules);
    ~LiveSession();

    // Reads what is new of a file. Unreadable files are faults, not errors.
    Result<void> read(const std::string& path, bool is_closed);
    void forget(const std::string& path);
    // Reads an object of the ledger once more, from `file`, for what could not be used before.
    Result<void> read_again(const std::string& file, const store::Replayable& replayable);

    // False when there was nothing to commit.
    Result<bool> commit();
    bool has_uncommitted() const { return worker_->has_uncommitted(); }
    size_t remembered() const { return met_.size(); }  // files

    // Takes up other rules. Commits first.
    Result<void> use(std::shared_ptr<const CompiledRules> rules);

    // Decides what is final of correlations, and begins anew when late matches ask for it.
    Result<void> settle(LiveDetection::Mode mode);
    bool is_warming() const { return detection_->is_warming() || detection_->is_overtaken(); }
    // The lake goes on from here. Commits first.
    Result<void> checkpoint();

    store::Writer& writer() { return *writer_; }
    const std::shared_ptr<const CompiledRules>& rules() const { return rules_; }

  private:
    LiveSession(const Options& options, std::shared_ptr<const CompiledRules> rules);
    Result<void> make_consumer();
    Result<void> begin_anew(std::shared_ptr<const CompiledRules> rules);
    void pause_while_warming();
    void tell_costs();
    bool is_as_ingested(const std::string& path, const store::LedgerObject& object) const;
    Result<bool> meet(const std::string& path);
    void forget_long_unseen();
    Result<bool> read_input(source::Input& input, IngestConsumer& consumer);
    Result<void> read_whole(const std::string& path);

    Options options_;
    WorkerOptions worker_options_;
    std::shared_ptr<const CompiledRules> rules_;
    std::unique_ptr<store::Writer> writer_;
    std::unique_ptr<LiveCompaction> compaction_;
    std::unique_ptr<store::LakeWorker> worker_;
    std::unique_ptr<LiveDetection> detection_;
    std::unique_ptr<LiveCompaction::Pause> pause_;
    std::unique_ptr<IngestConsumer> consumer_;
    decode::RecordReader reader_;
    source::Tail tail_{true};
    // Looked up in the ledger, with the number of the latest look: the more files a folder has, the
    // fewer of them still grow, and what is forgotten the ledger knows.
    std::unordered_map<std::string, uint64_t> met_;
    uint64_t looks_ = 0;
    std::unordered_set<std::string> read_as_one_;  // where in the file the ledger is, is not known
    EventSpan span_;                               // uncommitted
    // Beginning anew for late matches:
    std::chrono::steady_clock::time_point anew_begun_{};
    std::chrono::steady_clock::time_point anew_after_{};
    std::chrono::steady_clock::time_point costs_due_{};
};

}  // namespace yagura::pipeline
