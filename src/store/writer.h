// The one process that adds to a lake.
//
//   YAGURA_TRY(auto writer, Writer::open(lake, {.workers = 2}));
//   auto worker = writer->worker();                          // one per thread
//   YAGURA_TRY(auto admission, worker->begin(input));
//   if (is_wanted(admission)) {
//       // for every event of the object, in order of ordinals:
//       YAGURA_TRY(const bool is_new, worker->admit(type, event));
//       for (const RuleInfo* rule : matches of a new event) worker->note(*rule, type, event);
//       if (is_new) YAGURA_CHECK(worker->append(type, event, detections, level));
//       YAGURA_CHECK(worker->end());
//   }
//
// A file that grows is one object that grows: begin() goes on behind what the ledger has of it, be
// it given whole or as a part (Input::part). Its row holds the hash of what was read, and is
// committed with the rows, so that a restart goes on exactly there.
//   YAGURA_CHECK(worker->finish());
//
// What a crash can do: lose the objects since the last commit, which the next run reads again, and
// nothing else. Objects are committed in groups; one bigger than a group is committed in parts with
// the ordinal to go on from. Rows wait in WriterOptions::buffer_bytes of memory however much is
// written.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"
#include "base/result.h"
#include "event/event.h"
#include "logtype/log_type.h"
#include "match/ir.h"
#include "source/input.h"
#include "store/catalog.h"

namespace yagura::store {

struct WriterOptions {
    uint32_t workers = 1;
    size_t buffer_bytes = 320u << 20;    // rows waiting for their commit, all workers together
    size_t identity_bytes = 256u << 20;  // for recognising duplicates
    // Duplicates are looked for in the rows of an hour, of days with so few rows in the day's at
    // once: that takes no longer than to ask for an hour's.
    uint64_t small_day = 100'000;
    std::chrono::milliseconds commit_after{
        60'000};  // an object that ends later than this after the last commit commits
    std::chrono::seconds wait{0};     // for another writer to finish
    bool keep_raw = false;            // store the objects themselves too, under objects/
    std::chrono::seconds grace{600};  // see remove_retired() in sweep.h
};

// What becomes of an object.
enum class Admission : uint8_t {
    fresh,              // never seen
    resumed,            // a crash cut its ingest short; records before the cut are skipped
    rewritten,          // the path held other content before: read and flagged
    duplicate_object,   // same path and content: nothing to do
    duplicate_content,  // the content is in the lake under another path: nothing to do
};
inline bool is_wanted(Admission admission) {
    return admission < Admission::duplicate_object;
}

// An object some of whose records could not be used when it was read. One that was read again to
// its end (LakeWorker::begin_again) has the faults of that reading only.
struct Replayable {
    LedgerObject object;
    std::vector<uint64_t> ordinals;  // of its quarantined records, ascending
    bool has_unlisted = false;       // more faults than the quarantine lists
    bool has_whole = false;          // a part of the object failed, not a record

    // False for records that became rows, or were duplicates, then: they are not looked at again.
    bool may_lack(uint64_t ordinal) const;
};

struct WriterTotals {
    uint64_t objects = 0;            // read to the end
    uint64_t objects_duplicate = 0;  // by path or content
    uint64_t objects_rewritten = 0;
    uint64_t records = 0;
    uint64_t records_stored = 0;
    uint64_t records_duplicate = 0;
    uint64_t faults = 0;
    uint64_t segments = 0;
    uint64_t segment_bytes = 0;
    uint64_t commits = 0;
};

class Writer;

class LakeWorker {
  public:
    ~LakeWorker();

    // Reads what begin() must know of an object, and makes a stream readable again (it may need the
    // space it takes, in the lake's folder). Fails when the object cannot be read, which is no
    // fault of the lake's.
    Result<void> prepare(source::Input& input);

    // Decides what to do with an object, by its content. An object that is not wanted needs no
    // end().
    Result<Admission> begin(source::Input& input);

    // Instead of begin(): reads an object of the ledger once more, for the records that could not
    // be used before. Those that now can become rows when the lake has no row of them yet; the
    // others are its quarantine from end() on. leave() keeps the quarantine as it was.
    Result<void> begin_again(const Replayable& replayable);

    // True when the event is to be stored (and matched): it is new to the lake.
    Result<bool> admit(const logtype::LogType& type, event::Event& event);

    // Stores an admitted event. `detections`: ids of the rules that matched, separated by blanks.
    Result<void> append(const logtype::LogType& type,
                        event::Event& event,
                        std::string_view detections,
                        std::string_view level);

    // Makes the match of a rule with the event that append() stores next a finding, or part of one;
    // it becomes visible in the same commit. `rule` must outlive the worker.
    void note(const match::RuleInfo& rule, const logtype::LogType& type, event::Event& event);

    // The same for a rule over several events.
    void note(const match::RuleInfo& rule,
              const finding::ToldEvent& event,
              std::span<const std::string> resources);

    // Keeps what the event that append() stores next tells rules over several events; `stream` is
    // a place in Writer::keep_streams(). `identity` orders events of one time.
    void keep(const logtype::LogType& type,
              Timestamp time,
              uint64_t identity,
              std::span<const KeptSignal> signals);

    // The object being read, by the path it is remembered by; empty when there is none.
    std::string_view object_path() const;

    // A record (by ordinal) or a part of the object (UINT64_MAX) that could not be used. At most
    // 100 per object are kept with 512 bytes each; all are counted.
    void quarantine(const Fault& fault, uint64_t ordinal, std::string_view bytes);

    // The object has been read to its end.
    Result<void> end();
    // The same of a part of a growing file (Input::part), in which so many ordinals were used;
    // those of the part count from first_ordinal().
    Result<void> end_part(uint64_t ordinals);
    uint64_t first_ordinal() const;

    // The object's reading was cut short (Ctrl+C): what was read stays, the rest comes with the
    // next ingest.
    Result<void> leave();

    // Commits what is left. Call it after the last object, or between two.
    Result<void> finish();
    bool has_uncommitted() const;

    struct Impl;
    explicit LakeWorker(std::unique_ptr<Impl> impl);

  private:
    std::unique_ptr<Impl> impl_;
};

class Writer {
  public:
    // Makes the lake when there is none. Code::busy, naming the other process, when somebody else
    // writes.
    static Result<std::unique_ptr<Writer>> open(const std::filesystem::path& lake,
                                                const WriterOptions& options);
    ~Writer();

    // For one thread; must end before the Writer does. `level` is that of its segments.
    std::unique_ptr<LakeWorker> worker(int level = 0);

    // The objects with something in quarantine.
    Result<std::vector<Replayable>> quarantined();

    // Of all workers, as far as committed.
    WriterTotals totals() const;

    // Rules over several events, see decided.h. The state is that of before the first commit of
    // this writer, like the segments, all with an id below first_segment().
    const DecidedState& decided() const;
    int64_t first_segment() const;
    // The latest event in the lake before the first commit of this writer.
    std::optional<int64_t> latest_before() const;
    // The file that first-seen rules remember in; empty when there is none. What else is remembered
    // lies beside it.
    std::filesystem::path memory_file() const;
    Result<bool> is_told(const FiringKey& firing);
    // Firings of these times, both included; at most kMaxKeptFirings.
    Result<std::vector<FiringKey>> told_between(int64_t from, int64_t until);
    Result<void> tell(std::vector<FiringKey> firings, std::vector<KeptFinding> findings);
    // Rows committed before it count as looked at, but for those from Decision::open_from on.
    // `save` writes the memory under the path it is given, and what lies beside it.
    Result<void> decide(Decision decision,
                        const std::function<Result<void>(const std::filesystem::path&)>& save);

    // The streams whose signals workers keep from now on, all signals of each; none: nothing is
    // kept. Between commits only.
    void keep_streams(std::vector<uint64_t> ids);

    // --- upkeep while workers write ---
    std::vector<Segment> segments() const;  // live ones
    int64_t next_segment() const;
    int64_t take_segment_id();
    Result<std::optional<LedgerObject>> latest_at(const std::string& path);
    // Publishes segments in place of others with the same rows.
    Result<void> replace(std::vector<Segment> published, std::vector<int64_t> retired);
    // See Catalog::remove_objects. No worker may hold uncommitted rows.
    Result<void> remove_objects(const std::string& prefix, const std::vector<int64_t>& segments);
    // Removes the files of retired segments that nobody reads.
    Result<void> remove_retired();

    struct Impl;
    explicit Writer(std::unique_ptr<Impl> impl);

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace yagura::store
