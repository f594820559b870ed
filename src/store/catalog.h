// The lake's table of contents: which segments exist, which objects are in them, what could not be
// read.
//
// One SQLite file, `catalog.sqlite` (WAL, synchronous=FULL). A commit is one transaction: new
// segments, the ledger of the objects they came from, quarantined records, findings. Rows of
// segments, objects and findings carry a seal, a hash of their values, and the sum of all seals is
// kept beside them, so that neither a changed nor a lost row goes unnoticed. A Catalog belongs to
// one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "store/decided.h"
#include "store/findings.h"
#include "store/kept_signals.h"

namespace yagura::store {

constexpr int64_t kFormatVersion = 1;
// Levels of segments. Ingest writes 0. A merged one is merged again when more rows of its day come;
// a full one is as large as a merge makes them, and is left alone from then on.
constexpr int kMergedLevel = 1;
constexpr int kFullLevel = 2;
inline bool is_merged(int level) {
    return level == kMergedLevel || level == kFullLevel;
}
// Level of segments with rows of the bundled sample incident: they are merged with no others, so
// that they can be taken out again, and correlations over the lake do not look at them.
constexpr int kSampleLevel = 9;

enum class SegmentState : uint8_t { live, retired };

struct Segment {
    int64_t id = 0;
    std::string log_type;
    std::string day;   // "2024-07-31"
    std::string file;  // below the lake: "cloudtrail/dt=2024-07-31/0000000000000007.parquet"
    int level = 0;     // 0 from ingest, 1 compacted, kSampleLevel
    uint64_t rows = 0;
    uint64_t bytes = 0;
    Timestamp min_time{};
    Timestamp max_time{};
    Sha256 checksum{};
    Sha256 index_checksum{};  // of the side index, `file` with .idx for .parquet
    SegmentState state = SegmentState::live;
    Timestamp changed{};  // when it was published or retired, by the wall clock
};

// All segments of one moment.
struct SegmentList {
    std::vector<Segment> segments;
    int64_t generation = 0;  // how often the list of live ones was changed; see reader_lock.h
};

// In the lists of the generations [published, retired).
struct RetiredSegment {
    Segment segment;
    int64_t published = 0;
    int64_t retired = 0;
};

enum class ObjectState : uint8_t { partial, done };

struct LedgerObject {
    int64_t id = 0;
    std::string path;
    uint64_t size = 0;
    Sha256 content{};
    ObjectState state = ObjectState::partial;
    uint64_t next_ordinal = 0;  // records before it are in the lake, or were duplicates
    uint64_t records = 0;
    uint64_t stored = 0;
    uint64_t duplicates = 0;
    uint64_t faults = 0;
    bool rewritten = false;     // the path held other content before
    bool kept_raw = false;      // bytes are under objects/
    int64_t superseded_by = 0;  // object that holds the path's later content; 0: none
    Timestamp committed{};
};

struct Quarantined {
    int64_t object_id = 0;
    uint64_t ordinal = 0;
    uint64_t offset = 0;
    FaultCode code{};
    std::string sample;  // first bytes, as they stood
    std::string parser;  // version of the program that gave up
};

// Everything one commit changes.
struct Commit {
    std::vector<Segment> publish;
    std::vector<int64_t> retire;  // segments that are replaced or expired
    std::vector<LedgerObject> objects;
    std::vector<int64_t> replayed;  // objects whose quarantine is replaced by what follows
    std::vector<Quarantined> quarantine;
    std::vector<KeptFinding> findings;    // added to those of the same rule and entities
    std::vector<SegmentSignals> signals;  // of segments that are published, or are there
    // Rows of events from this time on, microseconds, wait for correlations to be decided.
    std::optional<int64_t> open_from;
};

class Catalog {
  public:
    // Creates the file when `create` is set. A newer format is Code::unsupported; damage is
    // Code::corrupt.
    static Result<Catalog> open(const std::filesystem::path& lake, bool create);
    Catalog(Catalog&&) noexcept;
    Catalog& operator=(Catalog&&) noexcept;
    ~Catalog();

    // Checks every seal and their sum.
    Result<std::vector<Segment>> segments();
    Result<SegmentList> segment_list();

    // A number that changes when somebody commits.
    Result<int64_t> data_version();

    // Of a lake of an earlier program it is 0.
    Result<int64_t> generation();

    // Those whose files may still be there.
    Result<std::vector<RetiredSegment>> retired();

    Result<std::optional<LedgerObject>> object(int64_t id);
    Result<std::optional<LedgerObject>> object_at(std::string_view path, const Sha256& content);
    Result<std::optional<LedgerObject>> object_with(const Sha256& content);
    // The latest object known under a path.
    Result<std::optional<LedgerObject>> latest_at(std::string_view path);
    Result<void> for_each_object(const std::function<void(const LedgerObject&)>& visit);
    // Path and content of every object, past and present; no seal is checked.
    Result<void> for_each_object_name(
        const std::function<void(std::string_view path, const Sha256& content)>& visit);
    Result<void> for_each_quarantined(const std::function<void(const Quarantined&)>& visit);
    // All findings, each seal checked; none in a lake of a program that kept none.
    Result<std::vector<KeptFinding>> findings();

    // The one of a rule and these entities.
    Result<std::optional<KeptFinding>> finding_of(std::string_view rule_id,
                                                  std::string_view account,
                                                  std::string_view principal,
                                                  std::string_view source_ip);

    // The ids the next segments and objects get; never used twice, not even after a crash.
    Result<int64_t> next_segment_id();
    Result<int64_t> next_object_id();

    Result<void> commit(const Commit& commit);

    // See decided.h. `memory` becomes the file that first-seen rules remember in.
    Result<DecidedState> decided();
    Result<bool> is_told(const FiringKey& firing);
    Result<std::vector<FiringKey>> told_between(int64_t from, int64_t until);
    Result<void> decide(Decision decision, int64_t memory);
    // Firings and what they add to findings; nothing else of the decided state changes.
    Result<void> tell(std::vector<FiringKey> firings, std::vector<KeptFinding> findings);

    // What is kept of a segment's signals; nullopt: nothing, its rows must be asked.
    Result<std::optional<SegmentSignals>> signals_of(int64_t segment);
    // The same of several; none when one of them has none.
    Result<std::vector<SegmentSignals>> signals_of_all(std::span<const int64_t> segments);
    // The segments whose signals no longer are what was kept.
    Result<std::vector<int64_t>> damaged_signals();
    struct SignalCounts {  // of live segments that have some
        uint64_t segments = 0;
        uint64_t bytes = 0;
        uint64_t rows = 0;
    };
    Result<SignalCounts> signal_counts();

    // Takes objects out as if they had never been read: everything whose path begins with `prefix`,
    // what is in quarantine of them, and findings all of whose samples are of them. `segments` must
    // hold their rows and no others.
    Result<void> remove_objects(std::string_view prefix, const std::vector<int64_t>& segments);

    struct Counts {
        uint64_t rows = 0;
        uint64_t objects = 0;
        uint64_t faults = 0;
        uint64_t findings = 0;
        std::optional<Timestamp> newest;  // event
        int64_t next_segment = 1;
    };
    Result<Counts> counts();

    // Findings that are new or grew after change number `after`, the latest `limit` of them, oldest
    // change first.
    struct Changes {
        std::vector<KeptFinding> findings;
        int64_t latest = 0;     // number of the latest change of all
        uint64_t left_out = 0;  // beyond the limit
    };
    Result<Changes> findings_changed(int64_t after, size_t limit);
    // Forgets retired segments whose files are gone.
    Result<void> forget(const std::vector<int64_t>& segments);

    // Reads everything and checks it: SQLite's own structure, seals, sums.
    Result<void> verify();

    struct Impl;

  private:
    explicit Catalog(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// "cloudtrail/dt=2024-07-31/0000000000000007.parquet"
std::string segment_file(std::string_view log_type, std::string_view day, int64_t id);
// The bytes of an object that was kept with --keep-raw: "objects/ab/abcd…", below the lake.
std::string kept_object_file(const Sha256& content);
// The side index of a segment's file.
std::string index_file(std::string_view segment_file);

}  // namespace yagura::store
