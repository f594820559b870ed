#include "store/catalog.h"

#include <cstring>

#include <fmt/format.h>

#include "base/language.h"
#include "base/messages/store.h"
#include "base/time.h"
#include "store/catalog_impl.h"
#include "store/files.h"

namespace yagura::store {
namespace {

constexpr const char* kCreate = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE segments(
    id INTEGER PRIMARY KEY, log_type TEXT NOT NULL, day TEXT NOT NULL, file TEXT NOT NULL, level INTEGER NOT NULL,
    rows INTEGER NOT NULL, bytes INTEGER NOT NULL, min_time INTEGER NOT NULL, max_time INTEGER NOT NULL,
    checksum BLOB NOT NULL, index_checksum BLOB NOT NULL, state INTEGER NOT NULL, changed INTEGER NOT NULL,
    seal INTEGER NOT NULL);
CREATE TABLE objects(
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, size INTEGER NOT NULL, content BLOB NOT NULL, state INTEGER NOT NULL,
    next_ordinal INTEGER NOT NULL, records INTEGER NOT NULL, stored INTEGER NOT NULL, duplicates INTEGER NOT NULL,
    faults INTEGER NOT NULL, rewritten INTEGER NOT NULL, kept_raw INTEGER NOT NULL, superseded_by INTEGER NOT NULL,
    committed INTEGER NOT NULL, seal INTEGER NOT NULL);
CREATE INDEX objects_by_path ON objects(path, content);
CREATE INDEX objects_by_content ON objects(content);
CREATE TABLE quarantine(
    object_id INTEGER NOT NULL, ordinal INTEGER NOT NULL, offset INTEGER NOT NULL, fault TEXT NOT NULL,
    sample BLOB NOT NULL, parser TEXT NOT NULL);
CREATE INDEX quarantine_by_object ON quarantine(object_id);
INSERT INTO meta VALUES ('format_version', 1), ('next_segment', 1), ('next_object', 1),
    ('segments_sum', 0), ('objects_sum', 0);
)";

constexpr std::string_view kSegmentColumns =
    "id, log_type, day, file, level, rows, bytes, min_time, max_time, checksum, index_checksum, "
    "state, changed, seal";
constexpr std::string_view kObjectColumns =
    "id, path, size, content, state, next_ordinal, records, stored, duplicates, faults, rewritten, "
    "kept_raw, "
    "superseded_by, committed, seal";

std::string_view view(const Sha256& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

sqlite::Blob blob(const Sha256& digest) {
    return {view(digest)};
}

Sha256 digest_from(std::string_view bytes) {
    Sha256 digest{};
    if (bytes.size() == digest.size()) std::memcpy(digest.data(), bytes.data(), digest.size());
    return digest;
}

int64_t seal_of(const Segment& s) {
    Seal seal;
    seal << s.id << s.log_type << s.day << s.file << int64_t{s.level}
         << static_cast<int64_t>(s.rows) << static_cast<int64_t>(s.bytes) << to_micros(s.min_time)
         << to_micros(s.max_time) << view(s.checksum) << view(s.index_checksum)
         << static_cast<int64_t>(s.state) << to_micros(s.changed);
    return seal.value();
}

int64_t seal_of(const LedgerObject& o) {
    Seal seal;
    seal << o.id << o.path << static_cast<int64_t>(o.size) << view(o.content)
         << static_cast<int64_t>(o.state) << static_cast<int64_t>(o.next_ordinal)
         << static_cast<int64_t>(o.records) << static_cast<int64_t>(o.stored)
         << static_cast<int64_t>(o.duplicates) << static_cast<int64_t>(o.faults)
         << int64_t{o.rewritten} << int64_t{o.kept_raw} << o.superseded_by
         << to_micros(o.committed);
    return seal.value();
}

Segment read_segment(const sqlite::Statement& row) {
    Segment s;
    std::string checksum, index_checksum;
    row.read(s.id,
             s.log_type,
             s.day,
             s.file,
             s.level,
             s.rows,
             s.bytes,
             s.min_time,
             s.max_time,
             checksum,
             index_checksum,
             s.state,
             s.changed);
    s.checksum = digest_from(checksum);
    s.index_checksum = digest_from(index_checksum);
    return s;
}

LedgerObject read_object(const sqlite::Statement& row) {
    LedgerObject o;
    std::string content;
    row.read(o.id,
             o.path,
             o.size,
             content,
             o.state,
             o.next_ordinal,
             o.records,
             o.stored,
             o.duplicates,
             o.faults,
             o.rewritten,
             o.kept_raw,
             o.superseded_by,
             o.committed);
    o.content = digest_from(content);
    return o;
}

FaultCode fault_from(std::string_view name) {
#define FAULT(fault, en, ja) \
    if (name == #fault) return FaultCode::fault;
#include "base/faults.def"
#undef FAULT
    return FaultCode::unreadable;
}

}  // namespace

Result<Catalog> Catalog::open(const std::filesystem::path& lake, bool create) {
    const auto file = lake / "catalog.sqlite";
    std::error_code error;
    const bool exists = std::filesystem::exists(file, error);
    if (!exists && !create)
        return fail(Code::not_found, say(message::store_no_lake, lake.string()));
    YAGURA_TRY(auto database,
               sqlite::Database::open(file, create ? sqlite::Mode::write : sqlite::Mode::read));
    auto impl = std::make_unique<Impl>(Impl{std::move(database), file.string()});
    if (create) {
        YAGURA_CHECK(impl->database.execute("PRAGMA journal_mode=WAL"));
        YAGURA_CHECK(impl->database.execute("PRAGMA synchronous=FULL"));
        // Pages of a large commit that do not fit are written and read again before it ends.
        YAGURA_CHECK(impl->database.execute("PRAGMA cache_size=-32768"));
    }
    YAGURA_CHECK(create ? impl->prepare() : impl->prepare_format(false));
    return Catalog(std::move(impl));
}

// In one transaction: each waits for the disk.
Result<void> Catalog::Impl::prepare() {
    return transaction([&]() -> Result<void> {
        YAGURA_CHECK(prepare_format(true));
        YAGURA_CHECK(prepare_findings());
        YAGURA_CHECK(prepare_decided());
        YAGURA_CHECK(prepare_signals());
        return prepare_generations();
    });
}

Result<void> Catalog::Impl::prepare_format(bool created) {
    YAGURA_TRY(const int64_t tables, database.number("SELECT count(*) FROM sqlite_schema"));
    const bool empty = tables == 0;
    if (empty && created) YAGURA_CHECK(database.execute(kCreate));
    if (empty && !created)
        return fail(
            Code::not_found,
            say(message::store_no_lake, std::filesystem::path(file).parent_path().string()));
    YAGURA_TRY(const int64_t version, meta("format_version"));
    if (version > kFormatVersion) {
        return fail(Code::unsupported,
                    say(message::store_newer_format, file, version, kFormatVersion));
    }
    if (version < 1) return damaged("format_version");
    return {};
}

Catalog::Catalog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;
Catalog::~Catalog() = default;

Result<void> Catalog::Impl::transaction(const std::function<Result<void>()>& body) {
    YAGURA_CHECK(database.execute("BEGIN IMMEDIATE"));
    Result<void> done = body();
    if (done) {
        failpoint("before_catalog_commit");
        done = database.execute("COMMIT");
    }
    if (!done) (void)database.execute("ROLLBACK");
    return done;
}

Error Catalog::Impl::damaged(std::string what) const {
    return {Code::corrupt, say(message::store_catalog_damaged, file, what)};
}

Result<int64_t> Catalog::Impl::meta(std::string_view key) {
    YAGURA_TRY(auto statement, database.prepare("SELECT value FROM meta WHERE key = ?", key));
    YAGURA_TRY(const bool found, statement.step());
    if (!found) return damaged(say(message::store_sum_broken, "meta"));
    return statement.integer(0);
}

Result<void> Catalog::Impl::set_meta(std::string_view key, int64_t value) {
    return database.run("UPDATE meta SET value = ? WHERE key = ?", value, key);
}

Result<void> Catalog::Impl::change_sum(std::string_view key, uint64_t added) {
    YAGURA_TRY(const int64_t sum, meta(key));
    return set_meta(key, static_cast<int64_t>(static_cast<uint64_t>(sum) + added));
}

Result<void> Catalog::Impl::at_one_moment(const std::function<Result<void>()>& body) {
    YAGURA_CHECK(database.execute("SAVEPOINT moment"));
    Result<void> done = body();
    (void)database.execute("RELEASE moment");
    return done;
}

Result<void> Catalog::Impl::read_sealed(const char* table,
                                        std::string_view columns,
                                        const VisitSealed& visit) {
    return at_one_moment([&]() -> Result<void> {
        YAGURA_TRY(const int64_t wanted, meta(fmt::format("{}_sum", table)));
        YAGURA_TRY(auto statement,
                   database.prepare(fmt::format("SELECT {} FROM {} ORDER BY id", columns, table)));
        uint64_t sum = 0;
        YAGURA_CHECK(statement.each([&](const sqlite::Statement& row) -> Result<void> {
            YAGURA_TRY(const int64_t seal, visit(row));
            sum += static_cast<uint64_t>(seal);
            return {};
        }));
        if (static_cast<int64_t>(sum) != wanted)
            return damaged(say(message::store_sum_broken, table));
        return {};
    });
}

template <class Row>
Result<void> Catalog::Impl::check_seals(const char* table,
                                        std::string_view columns,
                                        int seal_column,
                                        Row (*read)(const sqlite::Statement&),
                                        const std::function<void(Row&&)>& visit) {
    return read_sealed(table, columns, [&](const sqlite::Statement& statement) -> Result<int64_t> {
        Row row = read(statement);
        const int64_t seal = statement.integer(seal_column);
        if (seal != seal_of(row)) return damaged(say(message::store_seal_broken, table, row.id));
        visit(std::move(row));
        return seal;
    });
}

Result<std::vector<Segment>> Catalog::segments() {
    std::vector<Segment> out;
    YAGURA_CHECK(impl_->check_seals<Segment>(
        "segments", kSegmentColumns, 13, read_segment, [&](Segment&& segment) {
            out.push_back(std::move(segment));
        }));
    return out;
}

Result<int64_t> Catalog::data_version() {
    return impl_->database.number("PRAGMA data_version");
}

Result<std::optional<LedgerObject>> Catalog::Impl::one_object(sqlite::Statement& statement) {
    YAGURA_TRY(const bool found, statement.step());
    if (!found) return std::optional<LedgerObject>();
    LedgerObject object = read_object(statement);
    if (statement.integer(14) != seal_of(object))
        return damaged(say(message::store_seal_broken, "objects", object.id));
    return std::optional(std::move(object));
}

Result<std::optional<LedgerObject>> Catalog::object(int64_t id) {
    YAGURA_TRY(auto statement,
               impl_->database.prepare(
                   fmt::format("SELECT {} FROM objects WHERE id = ?", kObjectColumns), id));
    return impl_->one_object(statement);
}

Result<std::optional<LedgerObject>> Catalog::object_at(std::string_view path,
                                                       const Sha256& content) {
    YAGURA_TRY(
        auto statement,
        impl_->database.prepare(
            fmt::format("SELECT {} FROM objects WHERE path = ? AND content = ?", kObjectColumns),
            path,
            blob(content)));
    return impl_->one_object(statement);
}

Result<std::optional<LedgerObject>> Catalog::object_with(const Sha256& content) {
    YAGURA_TRY(
        auto statement,
        impl_->database.prepare(
            fmt::format("SELECT {} FROM objects WHERE content = ? ORDER BY state DESC, id LIMIT 1",
                        kObjectColumns),
            blob(content)));
    return impl_->one_object(statement);
}

Result<std::optional<LedgerObject>> Catalog::latest_at(std::string_view path) {
    YAGURA_TRY(auto statement,
               impl_->database.prepare(fmt::format("SELECT {} FROM objects WHERE path = ? AND "
                                                   "superseded_by = 0 ORDER BY id DESC LIMIT 1",
                                                   kObjectColumns),
                                       path));
    return impl_->one_object(statement);
}

Result<void> Catalog::for_each_object(const std::function<void(const LedgerObject&)>& visit) {
    return impl_->check_seals<LedgerObject>(
        "objects", kObjectColumns, 14, read_object, [&](LedgerObject&& object) { visit(object); });
}

Result<void> Catalog::for_each_object_name(
    const std::function<void(std::string_view path, const Sha256& content)>& visit) {
    YAGURA_TRY(auto rows, impl_->database.prepare("SELECT path, content FROM objects"));
    return rows.each(
        [&](const sqlite::Statement& row) { visit(row.text(0), digest_from(row.text(1))); });
}

Result<void> Catalog::for_each_quarantined(const std::function<void(const Quarantined&)>& visit) {
    YAGURA_TRY(auto rows,
               impl_->database.prepare("SELECT object_id, ordinal, offset, fault, sample, parser "
                                       "FROM quarantine ORDER BY rowid"));
    return rows.each([&](const sqlite::Statement& row) {
        Quarantined q;
        std::string fault;
        row.read(q.object_id, q.ordinal, q.offset, fault, q.sample, q.parser);
        q.code = fault_from(fault);
        visit(q);
    });
}

Result<int64_t> Catalog::next_segment_id() {
    return impl_->meta("next_segment");
}
Result<int64_t> Catalog::next_object_id() {
    return impl_->meta("next_object");
}

Result<void> Catalog::Impl::put(const Segment& s) {
    const int64_t seal = seal_of(s);
    YAGURA_CHECK(
        database.run(fmt::format("INSERT INTO segments({}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                                 kSegmentColumns),
                     s.id,
                     s.log_type,
                     s.day,
                     s.file,
                     s.level,
                     s.rows,
                     s.bytes,
                     s.min_time,
                     s.max_time,
                     blob(s.checksum),
                     blob(s.index_checksum),
                     s.state,
                     s.changed,
                     seal));
    return change_sum("segments_sum", static_cast<uint64_t>(seal));
}

// Inserts objects or replaces the rows of the same ids. Their seals go into the sum together: its
// row would be written as often as theirs.
Result<void> Catalog::Impl::put(const std::vector<LedgerObject>& objects, int64_t& next_object) {
    if (objects.empty()) return {};
    YAGURA_TRY(Tally now, tally());
    uint64_t sum = 0;
    for (const LedgerObject& object : objects) {
        const int64_t seal = seal_of(object);
        YAGURA_CHECK(put(object, seal, IfThere::keep));
        if (database.changes() == 0) {
            YAGURA_TRY(
                auto old,
                database.prepare("SELECT seal, faults FROM objects WHERE id = ?", object.id));
            YAGURA_CHECK(old.step());
            sum -= static_cast<uint64_t>(old.integer(0));
            now.faults -= old.integer(1);
            --now.objects;
            YAGURA_CHECK(put(object, seal, IfThere::replace));
        }
        sum += static_cast<uint64_t>(seal);
        now.faults += static_cast<int64_t>(object.faults);
        ++now.objects;
        next_object = std::max(next_object, object.id + 1);
    }
    YAGURA_CHECK(change_sum("objects_sum", sum));
    return keep(now);
}

// Nearly all are new. Replacing, the database prepares to take back what it removed first.
Result<void> Catalog::Impl::put(const LedgerObject& o, int64_t seal, IfThere if_there) {
    static const std::string kValues =
        fmt::format("INTO objects({}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", kObjectColumns);
    static const std::string kInsert = "INSERT OR IGNORE " + kValues;
    static const std::string kReplace = "INSERT OR REPLACE " + kValues;
    return database.run(if_there == IfThere::keep ? kInsert : kReplace,
                        o.id,
                        o.path,
                        o.size,
                        blob(o.content),
                        o.state,
                        o.next_ordinal,
                        o.records,
                        o.stored,
                        o.duplicates,
                        o.faults,
                        o.rewritten,
                        o.kept_raw,
                        o.superseded_by,
                        o.committed,
                        seal);
}

Result<void> Catalog::Impl::put(const Quarantined& q) {
    return database.run("INSERT INTO quarantine VALUES (?,?,?,?,?,?)",
                        q.object_id,
                        q.ordinal,
                        q.offset,
                        fault_name(q.code),
                        sqlite::Blob{q.sample},
                        q.parser);
}

Result<void> Catalog::Impl::retire(int64_t id) {
    YAGURA_TRY(
        auto row,
        database.prepare(fmt::format("SELECT {} FROM segments WHERE id = ?", kSegmentColumns), id));
    YAGURA_TRY(const bool found, row.step());
    if (!found) return fail(Code::internal, fmt::format("no segment {} to retire", id));
    Segment segment = read_segment(row);
    const auto before = static_cast<uint64_t>(row.integer(13));
    row.reset();
    segment.state = SegmentState::retired;
    segment.changed = current_time();
    YAGURA_CHECK(database.run("DELETE FROM segments WHERE id = ?", id));
    YAGURA_CHECK(change_sum("segments_sum", uint64_t{0} - before));
    return put(segment);
}

Result<void> Catalog::Impl::apply(const Commit& commit) {
    int64_t next_segment = 0, next_object = 0;
    YAGURA_TRY(next_segment, meta("next_segment"));
    YAGURA_TRY(next_object, meta("next_object"));
    for (const int64_t id : commit.retire) YAGURA_CHECK(retire(id));
    for (const Segment& segment : commit.publish) {
        YAGURA_CHECK(put(segment));
        next_segment = std::max(next_segment, segment.id + 1);
    }
    YAGURA_CHECK(next_generation(commit.publish, commit.retire));
    YAGURA_CHECK(put(commit.objects, next_object));
    for (const int64_t object : commit.replayed) {
        YAGURA_CHECK(database.run("DELETE FROM quarantine WHERE object_id = ?", object));
    }
    for (const Quarantined& quarantined : commit.quarantine) YAGURA_CHECK(put(quarantined));
    YAGURA_CHECK(put_findings(commit.findings));
    for (const SegmentSignals& signals : commit.signals) YAGURA_CHECK(put(signals));
    if (commit.open_from) YAGURA_CHECK(open_from(*commit.open_from));
    YAGURA_CHECK(set_meta("next_segment", next_segment));
    return set_meta("next_object", next_object);
}

Result<void> Catalog::commit(const Commit& commit) {
    YAGURA_CHECK(impl_->transaction([&] { return impl_->apply(commit); }));
    impl_->fold();
    return {};
}

Result<void> Catalog::decide(Decision decision, int64_t memory) {
    auto done = impl_->transaction([&]() -> Result<void> {
        YAGURA_CHECK(impl_->put_findings(std::move(decision.findings)));
        return impl_->put(decision, memory);
    });
    impl_->fold();
    return done;
}

Result<void> Catalog::tell(std::vector<FiringKey> firings, std::vector<KeptFinding> findings) {
    auto done = impl_->transaction([&]() -> Result<void> {
        YAGURA_CHECK(impl_->put_findings(std::move(findings)));
        return impl_->put_firings(firings);
    });
    impl_->fold();
    return done;
}

void Catalog::Impl::fold() {
    // The log is folded into the file at once, so that damage to it could only ever cost the commit
    // under way. It keeps its room: cutting it off takes longer than all the rest.
    database.set_busy_timeout(0);  // a reader in the way is not waited for
    (void)database.execute("PRAGMA wal_checkpoint(RESTART)");
    database.set_busy_timeout(sqlite::kBusyTimeoutMillis);
}

Result<void> Catalog::verify() {
    YAGURA_TRY(auto check, impl_->database.prepare("PRAGMA integrity_check(1)"));
    YAGURA_CHECK(check.step());
    const std::string answer(check.text(0));
    check.reset();
    if (answer != "ok") return impl_->damaged(answer);
    YAGURA_CHECK(segments());
    YAGURA_CHECK(findings());
    YAGURA_CHECK(for_each_object([](const LedgerObject&) {}));
    YAGURA_TRY(const auto kept, impl_->tally());
    YAGURA_TRY(const auto counted, impl_->count_objects());
    const bool is_right = kept.objects == counted.objects && kept.faults == counted.faults;
    return is_right ? Result<void>() : impl_->damaged(say(message::store_sum_broken, "meta"));
}

std::string segment_file(std::string_view log_type, std::string_view day, int64_t id) {
    return fmt::format("{}/dt={}/{:016}.parquet", log_type, day, id);
}

std::string kept_object_file(const Sha256& content) {
    const std::string name = to_hex(content);
    return fmt::format("objects/{}/{}", name.substr(0, 2), name);
}

std::string index_file(std::string_view file) {
    return std::string(file.substr(0, file.size() - std::string_view(".parquet").size())) + ".idx";
}

}  // namespace yagura::store
