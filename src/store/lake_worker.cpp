// What one thread reads, on its way into the lake.
#include <algorithm>
#include <future>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "store/files.h"
#include "store/findings.h"
#include "store/identity.h"
#include "store/segment.h"
#include "store/version.h"
#include "store/writer_impl.h"

namespace yagura::store {
namespace {

constexpr uint64_t kNoOrdinal = UINT64_MAX;
constexpr uint64_t kMostFaultsKept = 100;
constexpr size_t kFaultSample = 512;

// With a slash at its end; empty when nobody can say.
std::string current_folder() {
    std::error_code error;
    const auto folder = std::filesystem::current_path(error);
    return error ? std::string() : (folder / "").string();
}

// False for some that are, too.
bool is_normal(std::string_view path) {
    return path.find("//") == std::string_view::npos && path.find("/.") == std::string_view::npos;
}

// The name an object is remembered by, whatever folder the program was started in.
std::string lasting_path(const source::Object& object) {
    if (object.is_stream || object.path == source::kStandardInput) return object.path;
    static const std::string here = current_folder();
    if (here.empty()) return object.path;
    const std::string path = object.path.starts_with('/') ? object.path : here + object.path;
    // Taking a path apart takes longer than all else that is done to begin an object.
    return is_normal(path) ? path : std::filesystem::path(path).lexically_normal().string();
}

struct ToWrite {
    const RowBuffer* rows = nullptr;
    SignalTally* tally = nullptr;  // of the rows; null: nothing is kept
    std::string day;
    int64_t id = 0;
    std::string signals;
    Result<Segment> segment;
    std::future<Result<Segment>> published;  // unless it could not be written
};

// When one failed, the files of the others are removed.
Result<std::vector<Segment>> all_or_none(const std::filesystem::path& lake,
                                         std::vector<ToWrite>& all) {
    const auto failed = std::find_if(
        all.begin(), all.end(), [](const ToWrite& one) { return !one.segment.has_value(); });
    std::vector<Segment> segments;
    for (ToWrite& one : all) {
        if (failed == all.end()) {
            segments.push_back(std::move(*one.segment));
        } else if (one.segment) {
            remove_segment_files(lake, *one.segment);
        }
    }
    if (failed != all.end()) return failed->segment.error();
    return segments;
}

}  // namespace

struct LakeWorker::Impl {
    Impl(Writer::Impl& owner, int wanted_level)
        : writer(owner),
          share(owner.options.buffer_bytes / std::max(1u, owner.options.workers)),
          level(wanted_level) {}

    Writer::Impl& writer;
    size_t share;  // of the memory for all
    int level;     // of its segments

    using Key = std::pair<const logtype::LogType*, int64_t>;  // day since 1970
    std::map<Key, RowBuffer> buffers;
    std::map<Key, SignalTally> signals;  // of the rows in them
    Key last_key{nullptr, 0};
    RowBuffer* last_buffer = nullptr;
    size_t memory = 0;
    size_t told = 0;  // of it, to the writer

    Commit pending;
    // The latest of pending.objects at a path, by its place there.
    std::unordered_map<std::string, size_t, TextHash, std::equal_to<>> pending_at;
    FindingTally findings;
    WriterTotals added;
    SeenEvents::Holds holds;
    std::chrono::steady_clock::time_point last_commit = std::chrono::steady_clock::now();

    std::optional<LedgerObject> object;  // being read
    uint64_t resume_at = 0;
    uint64_t first_ordinal = 0;  // of the part being read
    bool is_continued = false;   // it does not begin where the file does
    uint64_t object_faults = 0;
    std::vector<Quarantined> object_quarantine;  // faults without ordinal wait for the object's end

    struct Again {
        Replayable replayable;
        std::unordered_set<uint64_t> stored;  // ordinals the lake has rows of
    };
    std::optional<Again> again;  // `object` is read once more

    ~Impl() { forget_memory(); }
    bool is_full();
    void forget_memory();
    static Key key_of(const logtype::LogType& type, Timestamp time);
    RowBuffer& buffer_for(const logtype::LogType& type, Timestamp time);
    void add_pending(LedgerObject known);
    Result<std::optional<LedgerObject>> latest_at(const std::string& path);
    Result<std::optional<LedgerObject>> shorter(const LedgerObject& now, source::Input& input);
    void go_on(LedgerObject before, const LedgerObject& now);
    Result<void> close_object(ObjectState state);
    Result<void> keep_bytes(source::Input& input);
    Result<void> commit();
    std::vector<ToWrite> all_to_write();
    void write(ToWrite& one);
    Result<void> write_segments();
};

// All workers' rows together fill the memory, and then whoever has more than its share commits: so
// workers commit one after the other, and segments are larger than if each kept to its share.
bool LakeWorker::Impl::is_full() {
    constexpr size_t kSteps = 32;  // what the workers share is not looked at for every row
    if (memory < told + share / kSteps) return false;
    writer.buffered += memory - told;
    told = memory;
    return writer.buffered >= writer.options.buffer_bytes && memory >= share;
}

void LakeWorker::Impl::forget_memory() {
    writer.buffered -= told;
    memory = told = 0;
}

LakeWorker::LakeWorker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LakeWorker::~LakeWorker() = default;

// The object a path holds, as far as this worker knows.
Result<std::optional<LedgerObject>> LakeWorker::Impl::latest_at(const std::string& path) {
    if (const auto found = pending_at.find(path); found != pending_at.end())
        return std::optional(pending.objects[found->second]);
    const std::lock_guard guard(writer.mutex);
    return writer.latest_at(path);
}

void LakeWorker::Impl::add_pending(LedgerObject known) {
    if (known.superseded_by == 0) pending_at[known.path] = pending.objects.size();
    pending.objects.push_back(std::move(known));
}

// What the ledger has of a file that is longer now but begins as it was.
Result<std::optional<LedgerObject>> LakeWorker::Impl::shorter(const LedgerObject& now,
                                                              source::Input& input) {
    YAGURA_TRY(auto before, latest_at(now.path));
    const auto& part = input.part();
    if (part && part->offset > 0) {
        if (before && before->size == part->offset) return before;
        return fail(Code::conflict, fmt::format("{} is not known up to here", now.path));
    }
    if (!before || before->size == 0 || before->size >= now.size) return {std::nullopt};
    if (input.object().is_stream) return {std::nullopt};
    YAGURA_TRY(const auto start, input.content_id_of_first(before->size));
    if (!start || *start != before->content) return {std::nullopt};
    return before;
}

void LakeWorker::Impl::go_on(LedgerObject before, const LedgerObject& now) {
    before.size = now.size;
    before.content = now.content;
    before.state = ObjectState::partial;
    resume_at = before.next_ordinal;
    object = std::move(before);
}

Result<void> LakeWorker::prepare(source::Input& input) {
    if (input.part()) return {};
    YAGURA_CHECK(input.keep_stream(impl_->writer.lake));
    YAGURA_CHECK(input.content_id());
    return {};
}

Result<Admission> LakeWorker::begin(source::Input& input) {
    Impl& self = *impl_;
    const auto& part = input.part();
    LedgerObject object;
    object.path = lasting_path(input.object());
    if (part) {
        object.size = part->end;
        object.content = part->content;
    } else {
        object.size = input.object().size;
        YAGURA_TRY(object.content, input.content_id());
    }
    self.object_faults = 0;
    self.first_ordinal = 0;
    self.is_continued = part && part->offset > 0;
    YAGURA_TRY(const auto shorter, self.shorter(object, input));
    if (shorter) {
        self.go_on(*shorter, object);
        if (self.is_continued) self.first_ordinal = shorter->next_ordinal - part->has_header;
        return Admission::resumed;
    }
    YAGURA_TRY(auto admitted, self.writer.admit_object(object, part));
    const Admission admission = admitted.admission;
    if (admission == Admission::duplicate_object || admitted.is_twin) return admission;
    if (admitted.superseded) self.add_pending(std::move(*admitted.superseded));
    if (admission == Admission::duplicate_content) {
        self.add_pending(std::move(object));
        return admission;
    }
    self.resume_at = object.next_ordinal;
    self.object = std::move(object);
    if (self.writer.options.keep_raw && !part) YAGURA_CHECK(self.keep_bytes(input));
    return admission;
}

uint64_t LakeWorker::first_ordinal() const {
    return impl_->first_ordinal;
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
    self.first_ordinal = 0;
    self.is_continued = false;
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
        YAGURA_TRY(auto second, input.reopen());
        std::vector<char> buffer(1 << 20);
        for (;;) {
            YAGURA_TRY(const size_t size, second.read(buffer.data(), buffer.size()));
            if (size == 0) break;
            YAGURA_CHECK(file.write({buffer.data(), size}));
        }
    }
    failpoint("mid_object_copy");
    YAGURA_CHECK(file.publish());
    failpoint("after_object_copy");
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

LakeWorker::Impl::Key LakeWorker::Impl::key_of(const logtype::LogType& type, Timestamp time) {
    return {&type, std::chrono::floor<std::chrono::days>(time).time_since_epoch().count()};
}

RowBuffer& LakeWorker::Impl::buffer_for(const logtype::LogType& type, Timestamp time) {
    const Key key = key_of(type, time);
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

void LakeWorker::note(const match::RuleInfo& rule,
                      const finding::ToldEvent& event,
                      std::span<const std::string> resources) {
    impl_->findings.add(rule, event, resources);
}

void LakeWorker::keep(const logtype::LogType& type,
                      Timestamp time,
                      uint64_t identity,
                      std::span<const KeptSignal> signals) {
    Impl& self = *impl_;
    if (signals.empty()) return;
    SignalTally& tally = self.signals[Impl::key_of(type, time)];
    const size_t before = tally.memory();
    for (const KeptSignal& signal : signals) tally.add(to_micros(time), identity, signal);
    self.memory += tally.memory() - before;
}

bool LakeWorker::has_uncommitted() const {
    return !impl_->buffers.empty() || !impl_->pending.objects.empty() ||
           !impl_->pending.quarantine.empty();
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
    // Where a part in the middle of a file ends is known only at its end.
    if (self.is_continued || !self.is_full()) return {};
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
    add_pending(*std::exchange(object, std::nullopt));
    const bool is_late =
        std::chrono::steady_clock::now() - last_commit >= writer.options.commit_after;
    return is_late || is_full() ? commit() : Result<void>();
}

Result<void> LakeWorker::end() {
    return impl_->close_object(ObjectState::done);
}
Result<void> LakeWorker::end_part(uint64_t ordinals) {
    impl_->object->next_ordinal = impl_->first_ordinal + ordinals;
    return impl_->close_object(ObjectState::done);
}
Result<void> LakeWorker::leave() {
    return impl_->object ? impl_->close_object(ObjectState::partial) : Result<void>();
}
Result<void> LakeWorker::finish() {
    YAGURA_CHECK(impl_->commit());
    impl_->writer.team.help();
    return {};
}

// In the order of the buffers.
std::vector<ToWrite> LakeWorker::Impl::all_to_write() {
    const bool keeps_signals = !writer.streams.empty() && level != kSampleLevel;
    std::vector<ToWrite> all;
    for (const auto& [key, rows] : buffers) {
        ToWrite& one = all.emplace_back();
        one.rows = &rows;
        one.tally = keeps_signals ? &signals[key] : nullptr;
        one.day = format_day(Timestamp(std::chrono::days(key.second)));
        one.id = writer.take_segment_id();
    }
    return all;
}

void LakeWorker::Impl::write(ToWrite& one) {
    auto written = write_new_segment(writer.lake, *one.rows, {one.id, one.day, level});
    if (!written) {
        one.segment = written.error();
        return;
    }
    one.published = writer.disk.publish(writer.lake, std::move(*written));
    if (one.tally) one.signals = one.tally->take();
}

// The largest is begun first, so that no other waits for it at the end.
Result<void> LakeWorker::Impl::write_segments() {
    std::vector<ToWrite> all = all_to_write();
    std::vector<ToWrite*> by_size;
    for (ToWrite& one : all) by_size.push_back(&one);
    std::sort(by_size.begin(), by_size.end(), [](const ToWrite* a, const ToWrite* b) {
        return a->rows->memory() > b->rows->memory();
    });
    std::vector<SegmentTeam::Job> jobs;
    for (ToWrite* one : by_size) jobs.push_back([this, one] { write(*one); });
    writer.team.run(jobs);
    for (ToWrite& one : all) {
        if (one.published.valid()) one.segment = one.published.get();
    }
    YAGURA_TRY(pending.publish, all_or_none(writer.lake, all));
    for (ToWrite& one : all) {
        const uint64_t most = kSignalBytesOfSegment + kMaxSignalBytes * one.rows->rows();
        if (one.signals.empty() || one.signals.size() > most) continue;
        pending.signals.push_back({one.id, writer.streams, std::move(one.signals)});
    }
    return {};
}

Result<void> LakeWorker::Impl::commit() {
    last_commit = std::chrono::steady_clock::now();
    if (object && !again) {  // cut in the middle: its place goes into the ledger
        object->committed = current_time();
        add_pending(*object);
    }
    if (buffers.empty() && pending.objects.empty() && pending.quarantine.empty()) return {};
    YAGURA_CHECK(write_segments());
    for (const Segment& segment : pending.publish) {
        if (level == kSampleLevel) break;  // decided by itself
        pending.open_from =
            std::min(pending.open_from.value_or(INT64_MAX), to_micros(segment.min_time));
    }
    buffers.clear();
    signals.clear();
    last_buffer = nullptr;
    forget_memory();
    pending_at.clear();
    pending.findings = findings.take();
    YAGURA_CHECK(writer.commit(std::exchange(pending, {}), std::exchange(added, {})));
    writer.seen.release(holds);
    return {};
}

std::unique_ptr<LakeWorker> Writer::worker(int level) {
    return std::make_unique<LakeWorker>(std::make_unique<LakeWorker::Impl>(*impl_, level));
}

}  // namespace yagura::store
