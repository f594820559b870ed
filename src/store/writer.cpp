// Ingest, seen from the lake's side.
//
// A worker fills one RowBuffer per log type and day. When its share of the memory is used up, or an
// object ends long after the last commit, everything it holds becomes visible at once: segments are
// written and renamed into place, then one transaction of the catalog names them together with the
// objects they came from. A crash before the transaction leaves files nobody refers to (swept at
// the next start) and objects that will be read again; a crash after it leaves nothing to do. Which
// of two workers stores an event that came twice is open, that one does is not: both ask the same
// set.
#include "store/writer.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <unordered_set>

#include <fmt/format.h>

#include "store/catalog.h"
#include "store/files.h"
#include "store/findings.h"
#include "store/identity.h"
#include "store/seen_events.h"
#include "store/segment.h"
#include "store/sweep.h"
#include "store/version.h"
#include "store/writer_lock.h"

namespace yagura::store {
namespace {

constexpr uint64_t kNoOrdinal = UINT64_MAX;
constexpr uint64_t kMostFaultsKept = 100;
constexpr size_t kFaultSample = 512;

// The name an object is remembered by, whatever folder the program was started in.
std::string lasting_path(const source::Object& object) {
    if (object.is_stream || object.path == source::kStandardInput) return object.path;
    std::error_code error;
    const auto path = std::filesystem::absolute(object.path, error);
    return error ? object.path : path.lexically_normal().string();
}

}  // namespace

struct Writer::Impl {
    Impl(std::filesystem::path folder, const WriterOptions& wanted, WriterLock held, Catalog opened)
        : lake(std::move(folder)),
          options(wanted),
          lock(std::move(held)),
          catalog(std::move(opened)),
          seen(
              [this](const auto& type, auto from, auto to, const auto& visit) {
                  return load_seen(type, from, to, visit);
              },
              wanted.identity_bytes) {}

    std::filesystem::path lake;
    WriterOptions options;
    WriterLock lock;

    mutable std::mutex mutex;  // everything below but `seen`
    Catalog catalog;
    std::vector<Segment> segments;  // live ones
    int64_t next_segment = 1;
    int64_t next_object = 1;
    std::set<Sha256> under_way;  // contents some worker reads and has not committed
    WriterTotals totals;
    DecidedState decided;       // as found
    int64_t first_segment = 1;  // of this writer

    SeenEvents seen;  // takes its own lock first, then ours
    std::optional<sql::Connection> engine;
    std::mutex replay_mutex;  // of replay_engine; taken before ours
    std::optional<sql::Connection> replay_engine;

    Result<void> load_seen(const logtype::LogType& type,
                           Timestamp from,
                           Timestamp to,
                           const std::function<void(const Hash128&)>& visit);
    Result<Admission> admit_object(LedgerObject& object, int64_t& supersedes);
    int64_t take_segment_id();
    Result<void> commit(Commit commit, const WriterTotals& added);
    Result<std::unordered_set<uint64_t>> stored_ordinals(int64_t object);
};

// An engine that reads the lake's files, for questions the writer has itself.
Result<sql::Connection> own_engine(const std::filesystem::path& lake) {
    YAGURA_TRY(
        auto database,
        sql::Database::open(
            {.threads = 1, .memory_limit_bytes = 128u << 20, .allowed_directories = {lake}}));
    return database.connect();
}

// Runs inside SeenEvents, one thread at a time.
Result<void> Writer::Impl::load_seen(const logtype::LogType& type,
                                     Timestamp from,
                                     Timestamp to,
                                     const std::function<void(const Hash128&)>& visit) {
    std::vector<std::string> files;
    {
        const std::lock_guard guard(mutex);
        for (const Segment& segment : segments) {
            if (segment.log_type != type.name || segment.max_time < from || segment.min_time >= to)
                continue;
            files.push_back((lake / segment.file).string());
        }
    }
    if (files.empty()) return {};
    if (!engine) {
        YAGURA_TRY(auto connection, own_engine(lake));
        engine.emplace(std::move(connection));
    }
    return read_identities(*engine, schema_of(type), files, from, to, visit);
}

// Which records of an object are rows.
Result<std::unordered_set<uint64_t>> Writer::Impl::stored_ordinals(int64_t object) {
    std::vector<std::string> files;
    {
        const std::lock_guard guard(mutex);
        for (const Segment& segment : segments) files.push_back((lake / segment.file).string());
    }
    std::unordered_set<uint64_t> ordinals;
    if (files.empty()) return ordinals;
    const std::lock_guard guard(replay_mutex);
    if (!replay_engine) {
        YAGURA_TRY(auto connection, own_engine(lake));
        replay_engine.emplace(std::move(connection));
    }
    YAGURA_TRY(auto rows,
               replay_engine->query(
                   fmt::format("SELECT ordinal FROM read_parquet({}, union_by_name=true) WHERE "
                               "object_id = ?",
                               file_list(files)),
                   {sql::Value(object)}));
    for (;;) {
        YAGURA_TRY(const bool more, rows.next());
        if (!more) return ordinals;
        for (size_t row = 0; row < rows.size(); ++row)
            ordinals.insert(static_cast<uint64_t>(rows.column(0).integer(row)));
    }
}

int64_t Writer::Impl::take_segment_id() {
    const std::lock_guard guard(mutex);
    return next_segment++;
}

// Fills in what the ledger knows about the object; gives it an id when it is new.
Result<Admission> Writer::Impl::admit_object(LedgerObject& object, int64_t& supersedes) {
    const std::lock_guard guard(mutex);
    const bool in_work = under_way.contains(object.content);
    YAGURA_TRY(auto same, catalog.object_at(object.path, object.content));
    if (same && same->state == ObjectState::done) {
        ++totals.objects_duplicate;
        return Admission::duplicate_object;
    }
    if (!same) {
        YAGURA_TRY(same, catalog.object_with(object.content));
    }
    const bool elsewhere = in_work || (same && same->state == ObjectState::done);
    YAGURA_TRY(const auto before, catalog.latest_at(object.path));
    const std::string path = object.path;
    if (same && !elsewhere) object = *same;
    object.path = path;
    if (object.id == 0) object.id = next_object++;
    if (before && before->id != object.id) {
        object.rewritten = true;
        supersedes = before->id;
    }
    if (elsewhere) {
        ++totals.objects_duplicate;
        if (same) object.duplicates = object.records = same->records;
        return Admission::duplicate_content;
    }
    under_way.insert(object.content);
    if (same) return Admission::resumed;
    return object.rewritten ? Admission::rewritten : Admission::fresh;
}

Result<void> Writer::Impl::commit(Commit commit, const WriterTotals& added) {
    const std::lock_guard guard(mutex);
    YAGURA_CHECK(catalog.commit(commit));
    failpoint("after_catalog_commit");
    for (const Segment& segment : commit.publish) {
        segments.push_back(segment);
        totals.segment_bytes += segment.bytes;
    }
    for (const LedgerObject& object : commit.objects) {
        if (object.state == ObjectState::done) under_way.erase(object.content);
    }
    totals.segments += commit.publish.size();
    totals.objects += added.objects;
    totals.objects_rewritten += added.objects_rewritten;
    totals.records += added.records;
    totals.records_stored += added.records_stored;
    totals.records_duplicate += added.records_duplicate;
    totals.faults += added.faults;
    ++totals.commits;
    return {};
}

struct LakeWorker::Impl {
    explicit Impl(Writer::Impl& owner)
        : writer(owner), budget(owner.options.buffer_bytes / std::max(1u, owner.options.workers)) {}

    Writer::Impl& writer;
    size_t budget;

    using Key = std::pair<const logtype::LogType*, int64_t>;  // day since 1970
    std::map<Key, RowBuffer> buffers;
    Key last_key{nullptr, 0};
    RowBuffer* last_buffer = nullptr;
    size_t memory = 0;

    Commit pending;
    FindingTally findings;
    WriterTotals added;
    std::vector<SeenEvents::Hold> holds;
    std::chrono::steady_clock::time_point last_commit = std::chrono::steady_clock::now();

    std::optional<LedgerObject> object;  // being read
    uint64_t resume_at = 0;
    uint64_t object_faults = 0;
    std::vector<Quarantined> object_quarantine;  // faults without ordinal wait for the object's end

    struct Again {
        Replayable replayable;
        std::unordered_set<uint64_t> stored;  // ordinals the lake has rows of
    };
    std::optional<Again> again;  // `object` is read once more

    RowBuffer& buffer_for(const logtype::LogType& type, Timestamp time);
    Result<void> close_object(ObjectState state);
    Result<void> keep_bytes(source::Input& input);
    Result<void> commit();
    Result<std::vector<Segment>> write_segments();
};

LakeWorker::LakeWorker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LakeWorker::~LakeWorker() = default;

Result<Admission> LakeWorker::begin(source::Input& input) {
    Impl& self = *impl_;
    LedgerObject object;
    object.path = lasting_path(input.object());
    object.size = input.object().size;
    YAGURA_TRY(object.content, input.content_id());
    int64_t supersedes = 0;
    YAGURA_TRY(const Admission admission, self.writer.admit_object(object, supersedes));
    if (admission == Admission::duplicate_object) return admission;
    if (supersedes != 0) {
        YAGURA_TRY(auto before, [&] {
            const std::lock_guard guard(self.writer.mutex);
            return self.writer.catalog.object(supersedes);
        }());
        if (before) {
            before->superseded_by = object.id;
            self.pending.objects.push_back(*before);
        }
    }
    if (admission == Admission::duplicate_content) {
        object.state = ObjectState::done;
        object.committed = current_time();
        self.pending.objects.push_back(std::move(object));
        return admission;
    }
    self.resume_at = object.next_ordinal;
    self.object_faults = 0;
    self.object = std::move(object);
    if (self.writer.options.keep_raw) YAGURA_CHECK(self.keep_bytes(input));
    return admission;
}

bool Replayable::may_lack(uint64_t ordinal) const {
    if (std::binary_search(ordinals.begin(), ordinals.end(), ordinal)) return true;
    if (has_whole && ordinal >= object.next_ordinal) return true;
    // The quarantine lists the first faults of an object.
    return has_unlisted && (ordinals.empty() || ordinal > ordinals.back());
}

Result<void> LakeWorker::begin_again(const Replayable& replayable) {
    Impl& self = *impl_;
    YAGURA_TRY(auto stored, self.writer.stored_ordinals(replayable.object.id));
    self.again.emplace(Impl::Again{replayable, std::move(stored)});
    self.object = replayable.object;
    self.object->faults = 0;
    self.object_faults = 0;
    self.resume_at = 0;
    return {};
}

// objects/ab/<sha256>: named after its content, so equal objects are kept once.
Result<void> LakeWorker::Impl::keep_bytes(source::Input& input) {
    const auto path = writer.lake / kept_object_file(object->content);
    object->kept_raw = true;
    if (std::filesystem::exists(path)) return {};
    YAGURA_CHECK(make_folder(path.parent_path()));
    YAGURA_TRY(auto file, NewFile::create(path));
    if (input.is_whole()) {
        YAGURA_TRY(const auto bytes, input.load(SIZE_MAX));
        YAGURA_CHECK(file.write(bytes));
    } else {
        YAGURA_TRY(auto second, source::Input::open(input.object()));
        std::vector<char> buffer(1 << 20);
        for (;;) {
            YAGURA_TRY(const size_t size, second.read(buffer.data(), buffer.size()));
            if (size == 0) break;
            YAGURA_CHECK(file.write({buffer.data(), size}));
        }
    }
    YAGURA_CHECK(file.publish());
    return sync_folder(path.parent_path());
}

Result<bool> LakeWorker::admit(const logtype::LogType& type, event::Event& event) {
    Impl& self = *impl_;
    LedgerObject& object = *self.object;
    if (event.ordinal < self.resume_at) return false;  // committed before the crash
    if (self.again && !self.again->replayable.may_lack(event.ordinal)) return false;
    ++object.records;
    ++self.added.records;
    object.next_ordinal = std::max(object.next_ordinal, event.ordinal + 1);
    if (self.again && self.again->stored.contains(event.ordinal)) {  // by a replay that was cut
        ++object.stored;
        return false;
    }
    const auto identity = identity_of(type, event);
    if (!identity) return true;
    YAGURA_TRY(const bool is_new, self.writer.seen.insert(type, event.time, *identity, self.holds));
    if (is_new) return true;
    ++object.duplicates;
    ++self.added.records_duplicate;
    return false;
}

RowBuffer& LakeWorker::Impl::buffer_for(const logtype::LogType& type, Timestamp time) {
    const Key key{&type, std::chrono::floor<std::chrono::days>(time).time_since_epoch().count()};
    if (last_buffer && key == last_key) return *last_buffer;
    last_key = key;
    last_buffer = &buffers.try_emplace(key, schema_of(type)).first->second;
    return *last_buffer;
}

void LakeWorker::note(const match::RuleInfo& rule,
                      const logtype::LogType& type,
                      event::Event& event) {
    Impl& self = *impl_;
    self.findings.add(rule, event, type, self.object->path, event.ordinal);
}

std::string_view LakeWorker::object_path() const {
    return impl_->object ? std::string_view(impl_->object->path) : std::string_view();
}

Result<void> LakeWorker::append(const logtype::LogType& type,
                                event::Event& event,
                                std::string_view detections,
                                std::string_view level) {
    Impl& self = *impl_;
    RowBuffer& buffer = self.buffer_for(type, event.time);
    const size_t before = buffer.memory();
    buffer.append(event, {self.object->id, detections, level});
    self.memory += buffer.memory() - before;
    ++self.object->stored;
    ++self.added.records_stored;
    if (self.memory < self.budget) return {};
    return self.commit();
}

void LakeWorker::quarantine(const Fault& fault, uint64_t ordinal, std::string_view bytes) {
    Impl& self = *impl_;
    if (!self.object || ordinal < self.resume_at) return;
    ++self.object->faults;
    ++self.added.faults;
    if (++self.object_faults > kMostFaultsKept) return;
    const bool waits = ordinal == kNoOrdinal || self.again;
    auto& target = waits ? self.object_quarantine : self.pending.quarantine;
    target.push_back({self.object->id,
                      ordinal,
                      fault.offset,
                      fault.code,
                      std::string(bytes.substr(0, kFaultSample)),
                      std::string(kParserVersion)});
}

Result<void> LakeWorker::Impl::close_object(ObjectState state) {
    const bool is_again = std::exchange(again, std::nullopt).has_value();
    if (is_again && state != ObjectState::done) {  // nothing is known but its new rows
        object.reset();
        object_quarantine.clear();
        return {};
    }
    if (is_again) pending.replayed.push_back(object->id);
    object->state = state;
    object->committed = current_time();
    if (state == ObjectState::done) {
        ++added.objects;
        added.objects_rewritten += object->rewritten;
        pending.quarantine.insert(
            pending.quarantine.end(), object_quarantine.begin(), object_quarantine.end());
    }
    object_quarantine.clear();
    pending.objects.push_back(*std::exchange(object, std::nullopt));
    if (std::chrono::steady_clock::now() - last_commit < writer.options.commit_after) return {};
    return commit();
}

Result<void> LakeWorker::end() {
    return impl_->close_object(ObjectState::done);
}
Result<void> LakeWorker::leave() {
    return impl_->object ? impl_->close_object(ObjectState::partial) : Result<void>();
}
Result<void> LakeWorker::finish() {
    return impl_->commit();
}

// All or none: what was written is removed again when one fails.
Result<std::vector<Segment>> LakeWorker::Impl::write_segments() {
    std::vector<Segment> written;
    for (auto& [key, buffer] : buffers) {
        const std::string day = format_day(Timestamp(std::chrono::days(key.second)));
        auto segment = write_segment(writer.lake, buffer, {writer.take_segment_id(), day, 0});
        if (!segment) {
            for (const Segment& done : written) remove_segment_files(writer.lake, done);
            return segment.error();
        }
        written.push_back(std::move(*segment));
    }
    return written;
}

Result<void> LakeWorker::Impl::commit() {
    last_commit = std::chrono::steady_clock::now();
    if (object && !again) {  // cut in the middle: its place goes into the ledger
        object->committed = current_time();
        pending.objects.push_back(*object);
    }
    if (buffers.empty() && pending.objects.empty() && pending.quarantine.empty()) return {};
    YAGURA_TRY(pending.publish, write_segments());
    for (const Segment& segment : pending.publish)
        pending.open_from =
            std::min(pending.open_from.value_or(INT64_MAX), to_micros(segment.min_time));
    buffers.clear();
    last_buffer = nullptr;
    memory = 0;
    pending.findings = findings.take();
    YAGURA_CHECK(writer.commit(std::exchange(pending, {}), std::exchange(added, {})));
    writer.seen.release(holds);
    holds.clear();
    return {};
}

Writer::Writer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Writer::~Writer() = default;

Result<std::unique_ptr<Writer>> Writer::open(const std::filesystem::path& lake,
                                             const WriterOptions& options) {
    YAGURA_CHECK(make_folder(lake));
    YAGURA_TRY(auto lock, WriterLock::acquire(lake, options.wait));
    YAGURA_TRY(auto catalog, Catalog::open(lake, true));
    auto impl = std::make_unique<Impl>(lake, options, std::move(lock), std::move(catalog));
    YAGURA_TRY(impl->segments, impl->catalog.segments());
    YAGURA_CHECK(sweep(lake, impl->catalog, impl->segments, options.grace));
    std::erase_if(impl->segments,
                  [](const Segment& segment) { return segment.state != SegmentState::live; });
    YAGURA_TRY(impl->next_segment, impl->catalog.next_segment_id());
    YAGURA_TRY(impl->next_object, impl->catalog.next_object_id());
    impl->first_segment = impl->next_segment;
    YAGURA_TRY(impl->decided, impl->catalog.decided());
    sweep_memory(lake, impl->decided.memory);
    return std::make_unique<Writer>(std::move(impl));
}

std::unique_ptr<LakeWorker> Writer::worker() {
    return std::make_unique<LakeWorker>(std::make_unique<LakeWorker::Impl>(*impl_));
}

Result<std::vector<Replayable>> Writer::quarantined() {
    const std::lock_guard guard(impl_->mutex);
    std::map<int64_t, Replayable> found;
    std::map<int64_t, uint64_t> listed;
    YAGURA_CHECK(impl_->catalog.for_each_quarantined([&](const Quarantined& one) {
        Replayable& replayable = found[one.object_id];
        ++listed[one.object_id];
        if (one.ordinal == kNoOrdinal) {
            replayable.has_whole = true;
        } else {
            replayable.ordinals.push_back(one.ordinal);
        }
    }));
    std::vector<Replayable> out;
    for (auto& [id, replayable] : found) {
        YAGURA_TRY(const auto object, impl_->catalog.object(id));
        if (!object || object->state != ObjectState::done) continue;
        replayable.object = *object;
        replayable.has_unlisted = object->faults > listed[id];
        std::sort(replayable.ordinals.begin(), replayable.ordinals.end());
        out.push_back(std::move(replayable));
    }
    return out;
}

WriterTotals Writer::totals() const {
    const std::lock_guard guard(impl_->mutex);
    return impl_->totals;
}

const DecidedState& Writer::decided() const {
    return impl_->decided;
}
std::optional<int64_t> Writer::latest_before() const {
    const std::lock_guard guard(impl_->mutex);
    std::optional<int64_t> latest;
    for (const Segment& segment : impl_->segments) {
        if (segment.id < impl_->first_segment)
            latest = std::max(latest.value_or(INT64_MIN), to_micros(segment.max_time));
    }
    return latest;
}
int64_t Writer::first_segment() const {
    return impl_->first_segment;
}
std::filesystem::path Writer::memory_file() const {
    return impl_->decided.memory == 0 ? std::filesystem::path()
                                      : memory_path(impl_->lake, impl_->decided.memory);
}
Result<bool> Writer::is_told(const FiringKey& firing) {
    const std::lock_guard guard(impl_->mutex);
    return impl_->catalog.is_told(firing);
}

Result<void> Writer::decide(Decision decision,
                            const std::function<Result<void>(const std::filesystem::path&)>& save) {
    const std::lock_guard guard(impl_->mutex);
    const int64_t memory = impl_->decided.memory + 1;
    const auto file = memory_path(impl_->lake, memory);
    YAGURA_CHECK(make_folder(file.parent_path()));
    YAGURA_CHECK(save(file));
    YAGURA_CHECK(sync_folder(file.parent_path()));
    failpoint("before_decision");
    YAGURA_CHECK(impl_->catalog.decide(std::move(decision), memory));
    failpoint("after_decision");
    YAGURA_TRY(impl_->decided, impl_->catalog.decided());
    sweep_memory(impl_->lake, memory);
    return {};
}

}  // namespace yagura::store
