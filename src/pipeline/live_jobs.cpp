#include "pipeline/live_jobs.h"

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "base/language.h"
#include "base/messages/live.h"
#include "pipeline/sample.h"
#include "source/object.h"
#include "store/object_file.h"

namespace yagura::pipeline {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kMoment{150};

// Calls `read` with one object after the other until the moment is over.
template <class List, class Read>
Result<bool> read_some(const List& list, LiveJob& job, const Read& read) {
    const auto until = Clock::now() + kMoment;
    job.total = list.size();
    while (job.done < list.size() && Clock::now() < until) {
        YAGURA_CHECK(read(list[job.done]));
        ++job.done;
    }
    return job.done == list.size();
}

class FolderJob final : public LiveJobSteps {
  public:
    explicit FolderJob(std::string path) : path_(std::move(path)) {}

    Result<bool> step(LiveSession& session, LiveJob& job) override {
        if (!std::exchange(is_listed_, true)) {
            const std::vector<std::string> paths{path_};
            YAGURA_TRY(auto listing, source::list_objects(paths));
            objects_ = std::move(listing.objects);
        }
        return read_some(objects_, job, [&](const source::Object& object) {
            return session.read(object.path, true);
        });
    }

  private:
    std::string path_;
    bool is_listed_ = false;
    std::vector<source::Object> objects_;
};

// The logs are made aside, as that takes a few seconds.
class SampleJob final : public LiveJobSteps {
  public:
    explicit SampleJob(std::filesystem::path lake) : lake_(std::move(lake)) {}

    Result<bool> step(LiveSession& session, LiveJob& job) override {
        if (!ingest_) {
            YAGURA_TRY(const bool made, make(session));
            if (!made) return false;
        }
        YAGURA_TRY(const bool read, read_some(objects_, job, [&](const source::Object& object) {
                       return ingest_->read(object);
                   }));
        if (!read) return false;
        YAGURA_CHECK(ingest_->finish());
        return true;
    }

  private:
    Result<bool> make(LiveSession& session) {
        if (!maker_.joinable()) {
            if (has_sample(session.writer().segments()))
                return fail(Code::conflict, say(message::live_sample_there));
            maker_ = std::jthread([this] {
                made_ = write_sample_logs(lake_);
                is_made_ = true;
            });
        }
        if (!is_made_) return false;
        maker_.join();
        YAGURA_CHECK(made_);
        const std::vector<std::string> paths{(sample_folder(lake_) / "logs").string()};
        YAGURA_TRY(auto listing, source::list_objects(paths));
        objects_ = std::move(listing.objects);
        ingest_ = std::make_unique<SampleIngest>(session.rules(), session.writer());
        return true;
    }

    std::filesystem::path lake_;
    Result<void> made_;
    std::atomic<bool> is_made_{false};
    std::unique_ptr<SampleIngest> ingest_;
    std::vector<source::Object> objects_;
    std::jthread maker_;  // last
};

class RemoveSampleJob final : public LiveJobSteps {
  public:
    explicit RemoveSampleJob(std::filesystem::path lake) : lake_(std::move(lake)) {}

    Result<bool> step(LiveSession& session, LiveJob& job) override {
        YAGURA_CHECK(session.commit());
        YAGURA_CHECK(remove_sample(lake_, session.writer()));
        job.done = job.total = 1;
        return true;
    }

  private:
    std::filesystem::path lake_;
};

class ReplayJob final : public LiveJobSteps {
  public:
    explicit ReplayJob(std::filesystem::path lake) : lake_(std::move(lake)) {}

    Result<bool> step(LiveSession& session, LiveJob& job) override {
        if (!std::exchange(is_listed_, true)) {
            YAGURA_CHECK(session.commit());
            YAGURA_TRY(objects_, session.writer().quarantined());
            stored_before_ = session.writer().totals().records_stored;
        }
        YAGURA_TRY(const bool read, read_some(objects_, job, [&](const store::Replayable& one) {
                       return read_again(session, job, one);
                   }));
        if (!read) return false;
        YAGURA_CHECK(session.commit());
        YAGURA_TRY(const auto left, session.writer().quarantined());
        job.still = left.size() - std::min<size_t>(left.size(), job.gone);
        job.records = session.writer().totals().records_stored - stored_before_;
        return true;
    }

  private:
    Result<void> read_again(LiveSession& session, LiveJob& job, const store::Replayable& one) {
        const std::string file = store::readable_file(lake_, one.object);
        if (file.empty()) {
            ++job.gone;
            return {};
        }
        return session.read_again(file, one);
    }

    std::filesystem::path lake_;
    bool is_listed_ = false;
    std::vector<store::Replayable> objects_;
    uint64_t stored_before_ = 0;
};

}  // namespace

std::unique_ptr<LiveJobSteps> folder_job(std::string path) {
    return std::make_unique<FolderJob>(std::move(path));
}

std::unique_ptr<LiveJobSteps> sample_job(std::filesystem::path lake) {
    return std::make_unique<SampleJob>(std::move(lake));
}

std::unique_ptr<LiveJobSteps> remove_sample_job(std::filesystem::path lake) {
    return std::make_unique<RemoveSampleJob>(std::move(lake));
}

std::unique_ptr<LiveJobSteps> replay_job(std::filesystem::path lake) {
    return std::make_unique<ReplayJob>(std::move(lake));
}

}  // namespace yagura::pipeline
