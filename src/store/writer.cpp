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

#include <fmt/format.h>

#include "store/files.h"
#include "store/identity.h"
#include "store/reader_lock.h"
#include "store/segment.h"
#include "store/sweep.h"
#include "store/writer_impl.h"

namespace yagura::store {
namespace {

constexpr uint64_t kNoOrdinal = UINT64_MAX;

// An engine that reads the lake's files, for questions the writer has itself.
Result<sql::Connection> own_engine(const std::filesystem::path& lake) {
    YAGURA_TRY(
        auto database,
        sql::Database::open(
            {.threads = 1, .memory_limit_bytes = 128u << 20, .allowed_directories = {lake}}));
    return database.connect();
}

}  // namespace

// Runs inside SeenEvents, one thread at a time.
Result<SeenEvents::Span> Writer::Impl::load_seen(const logtype::LogType& type,
                                                 Timestamp hour,
                                                 const SeenEvents::Visit& visit) {
    const auto files_of = [&](const SeenEvents::Span& span, uint64_t& rows) {
        std::vector<std::string> files;
        for (const Segment& segment : segments) {
            const bool overlaps = segment.max_time >= span.from && segment.min_time < span.to;
            if (segment.log_type != type.name || !overlaps) continue;
            files.push_back((lake / segment.file).string());
            rows += segment.rows;
        }
        return files;
    };
    const Timestamp day = std::chrono::floor<std::chrono::days>(hour);
    SeenEvents::Span span{day, day + std::chrono::days(1)};
    std::vector<std::string> files;
    std::optional<ReaderLock> reading;  // another thread may replace them
    {
        const std::lock_guard guard(mutex);
        reading.emplace(lake, generation, generation + 1);
        uint64_t rows = 0;
        files = files_of(span, rows);
        if (rows > options.small_day) {
            span = {hour, hour + std::chrono::hours(1)};
            files = files_of(span, rows);
        }
    }
    if (files.empty()) return span;
    if (!engine) {
        YAGURA_TRY(auto connection, own_engine(lake));
        engine.emplace(std::move(connection));
    }
    YAGURA_CHECK(read_identities(*engine, schema_of(type), files, span.from, span.to, visit));
    return span;
}

// Which records of an object are rows.
Result<std::unordered_set<uint64_t>> Writer::Impl::stored_ordinals(int64_t object) {
    std::vector<std::string> files;
    std::optional<ReaderLock> reading;
    {
        const std::lock_guard guard(mutex);
        reading.emplace(lake, generation, generation + 1);
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

Result<std::optional<LedgerObject>> Writer::Impl::latest_at(const std::string& path) {
    YAGURA_TRY(const bool may_be, known.may_have_path(path));
    return may_be ? catalog->latest_at(path) : Result<std::optional<LedgerObject>>(std::nullopt);
}

Result<Writer::Impl::Admitted> Writer::Impl::admit_object(LedgerObject& object,
                                                          const std::optional<source::Part>& part) {
    const std::lock_guard guard(mutex);
    // How a file begins that is being written says nothing of what it will be.
    const bool may_grow = part && !part->is_closed;
    const bool in_work = under_way.contains(object.content) && !may_grow;
    std::optional<LedgerObject> same;
    YAGURA_TRY(const bool is_known, known.may_have_content(object.content));
    if (is_known) {
        YAGURA_TRY(same, catalog->object_at(object.path, object.content));
    }
    if (same && same->state == ObjectState::done) {
        ++totals.objects_duplicate;
        return Admitted{Admission::duplicate_object, {}};
    }
    if (!same && !may_grow && is_known) {
        YAGURA_TRY(same, catalog->object_with(object.content));
    }
    const bool is_done = same && same->state == ObjectState::done;
    YAGURA_TRY(auto before, latest_at(object.path));
    const std::string path = object.path;
    if (same && !in_work && !is_done) object = *same;
    object.path = path;
    if (object.id == 0) object.id = next_object++;
    if (before && before->id == object.id) before.reset();
    if (before) {
        object.rewritten = true;
        before->superseded_by = object.id;
    }
    if (is_done || in_work) {
        ++totals.objects_duplicate;
        object.state = ObjectState::done;
        object.committed = current_time();
        if (!is_done) {
            if (before) twins[object.content].push_back(*before);
            twins[object.content].push_back(object);
            return Admitted{Admission::duplicate_content, {}, true};
        }
        object.duplicates = object.records = same->records;
        object.next_ordinal = same->next_ordinal;
        return Admitted{Admission::duplicate_content, std::move(before)};
    }
    under_way.insert(object.content);
    const Admission admission = same               ? Admission::resumed
                                : object.rewritten ? Admission::rewritten
                                                   : Admission::fresh;
    return Admitted{admission, std::move(before)};
}

std::vector<LedgerObject> Writer::Impl::take_twins(const std::vector<LedgerObject>& ended) {
    std::vector<LedgerObject> out;
    const std::lock_guard guard(mutex);
    for (const LedgerObject& object : ended) {
        if (object.state != ObjectState::done) continue;
        const auto found = twins.find(object.content);
        if (found == twins.end()) continue;
        for (LedgerObject& twin : found->second) {
            if (twin.content == object.content) {
                twin.duplicates = twin.records = object.records;
                twin.next_ordinal = object.next_ordinal;
            }
            out.push_back(std::move(twin));
        }
        twins.erase(found);
    }
    return out;
}

Result<void> Writer::Impl::commit(Commit commit, const WriterTotals& added) {
    const auto take = [&] { return take_twins(commit.objects); };
    std::vector<LedgerObject> copies = take();
    commit.objects.insert(commit.objects.end(), copies.begin(), copies.end());
    YAGURA_CHECK(catalog->commit(commit));
    failpoint("after_catalog_commit");
    YAGURA_TRY(const int64_t now, catalog->generation());
    {
        const std::lock_guard guard(mutex);
        generation = std::max(generation, now);
        for (const Segment& segment : commit.publish) {
            segments.push_back(segment);
            totals.segment_bytes += segment.bytes;
        }
        for (const LedgerObject& object : commit.objects) {
            // Until now `under_way` had the content, and no other worker has the path.
            known.add(object.path, object.content);
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
    }
    // Those that were met while this was on its way.
    Commit late;
    late.objects = take();
    if (late.objects.empty()) return {};
    YAGURA_CHECK(catalog->commit(late));
    const std::lock_guard guard(mutex);
    for (const LedgerObject& object : late.objects) known.add(object.path, object.content);
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
    YAGURA_TRY(impl->segments, impl->catalog->segments());
    YAGURA_CHECK(sweep(lake, *impl->catalog.hold(), impl->segments, options.grace));
    std::erase_if(impl->segments,
                  [](const Segment& segment) { return segment.state != SegmentState::live; });
    YAGURA_TRY(impl->generation, impl->catalog->generation());
    YAGURA_TRY(impl->next_segment, impl->catalog->next_segment_id());
    YAGURA_TRY(impl->next_object, impl->catalog->next_object_id());
    impl->known = KnownObjects(static_cast<uint64_t>(impl->next_object - 1),
                               [&ledger = impl->catalog](const auto& visit) {
                                   return ledger->for_each_object_name(visit);
                               });
    impl->first_segment = impl->next_segment;
    YAGURA_TRY(impl->decided, impl->catalog->decided());
    sweep_memory(lake, impl->decided.memory);
    return std::make_unique<Writer>(std::move(impl));
}

Result<std::vector<Replayable>> Writer::quarantined() {
    const std::lock_guard guard(impl_->mutex);
    std::map<int64_t, Replayable> found;
    std::map<int64_t, uint64_t> listed;
    YAGURA_CHECK(impl_->catalog->for_each_quarantined([&](const Quarantined& one) {
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
        YAGURA_TRY(const auto object, impl_->catalog->object(id));
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
        if (segment.id < impl_->first_segment && segment.level != kSampleLevel)
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
    return impl_->catalog->is_told(firing);
}

Result<std::vector<FiringKey>> Writer::told_between(int64_t from, int64_t until) {
    const std::lock_guard guard(impl_->mutex);
    return impl_->catalog->told_between(from, until);
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
    YAGURA_CHECK(impl_->catalog->decide(std::move(decision), memory));
    failpoint("after_decision");
    YAGURA_TRY(impl_->decided, impl_->catalog->decided());
    sweep_memory(impl_->lake, memory);
    return {};
}

}  // namespace yagura::store
