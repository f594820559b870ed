// The catalog's findings. A lake of an earlier program has no such tables; they come with its next
// writer, and until then it has no findings.

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/language.h"
#include "base/messages/store.h"
#include "store/catalog_impl.h"

namespace yagura::store {
namespace {

constexpr const char* kCreate = R"(
CREATE TABLE findings(
    id INTEGER PRIMARY KEY, rule_id TEXT NOT NULL, account TEXT NOT NULL, principal TEXT NOT NULL,
    source_ip TEXT NOT NULL, level INTEGER NOT NULL, title TEXT NOT NULL, title_ja TEXT NOT NULL, author TEXT NOT NULL,
    tags TEXT NOT NULL, count INTEGER NOT NULL, failed INTEGER NOT NULL, first_time INTEGER NOT NULL,
    last_time INTEGER NOT NULL, seal INTEGER NOT NULL);
CREATE UNIQUE INDEX findings_by_entities ON findings(rule_id, account, principal, source_ip);
CREATE TABLE finding_samples(
    finding INTEGER NOT NULL, place INTEGER NOT NULL, time INTEGER NOT NULL, log_type TEXT NOT NULL,
    event_id TEXT NOT NULL, object TEXT NOT NULL, ordinal INTEGER NOT NULL, PRIMARY KEY(finding, place)) WITHOUT ROWID;
INSERT INTO meta VALUES ('findings_sum', 0);
)";

// Which findings changed last; only what readers follow, so without seals.
constexpr const char* kCreateChanges = R"(
CREATE TABLE finding_changes(finding INTEGER PRIMARY KEY, change INTEGER NOT NULL);
CREATE INDEX finding_changes_by_number ON finding_changes(change);
INSERT INTO meta VALUES ('finding_change', 0);
)";

// Came later than the table: what findings of earlier programs are about was not kept.
constexpr const char* kAddResources =
    "ALTER TABLE findings ADD COLUMN resources TEXT NOT NULL DEFAULT ''";

constexpr std::string_view kColumns =
    "id, rule_id, account, principal, source_ip, level, title, title_ja, author, tags, count, "
    "failed, first_time, last_time, seal, resources";
constexpr std::string_view kEarlierColumns =
    "id, rule_id, account, principal, source_ip, level, title, title_ja, author, tags, count, "
    "failed, first_time, last_time, seal, ''";
constexpr int kSealColumn = 14;
constexpr int kResourcesColumn = 15;

// The count of those not listed, then a line for each: its count, a blank and its key, in which
// there are no control characters.
std::string resources_text(const KeptFinding& f) {
    if (f.resources.empty() && f.other_resources == 0) return {};
    std::string out = fmt::format("{}\n", f.other_resources);
    for (const KeptResource& one : f.resources) out += fmt::format("{} {}\n", one.count, one.key);
    return out;
}

uint64_t take_number(std::string_view& text) {
    uint64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<size_t>(read.ptr - text.data()));
    if (!text.empty()) text.remove_prefix(1);  // the blank or the end of the line
    return number;
}

void read_resources(std::string_view text, KeptFinding& f) {
    if (text.empty()) return;
    f.other_resources = take_number(text);
    while (!text.empty()) {
        const uint64_t count = take_number(text);
        const size_t end = std::min(text.find('\n'), text.size());
        f.resources.push_back({std::string(text.substr(0, end)), count});
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

// The samples too, although they are rows of their own.
int64_t seal_of(const KeptFinding& f) {
    Seal seal;
    seal << f.id << f.rule_id << f.account << f.principal << f.source_ip
         << static_cast<int64_t>(f.level) << f.title << f.title_ja << f.author << f.tags
         << static_cast<int64_t>(f.count) << static_cast<int64_t>(f.failed) << to_micros(f.first)
         << to_micros(f.last);
    for (const FindingSample& sample : f.samples) {
        seal << to_micros(sample.time) << sample.log_type << sample.event_id << sample.object
             << static_cast<int64_t>(sample.ordinal);
    }
    if (const std::string resources = resources_text(f); !resources.empty()) seal << resources;
    return seal.value();
}

Result<std::vector<FindingSample>> read_samples(sqlite::Database& database, int64_t finding) {
    YAGURA_TRY(auto rows,
               database.prepare("SELECT time, log_type, event_id, object, ordinal FROM "
                                "finding_samples WHERE finding = ? ORDER BY place",
                                finding));
    return rows.all([](const sqlite::Statement& row) {
        FindingSample sample;
        row.read(sample.time, sample.log_type, sample.event_id, sample.object, sample.ordinal);
        return sample;
    });
}

Result<KeptFinding> read_finding(sqlite::Database& database, const sqlite::Statement& row) {
    constexpr auto kMostGrave = static_cast<int64_t>(match::Level::critical);
    KeptFinding f;
    int64_t level = 0;
    row.read(f.id,
             f.rule_id,
             f.account,
             f.principal,
             f.source_ip,
             level,
             f.title,
             f.title_ja,
             f.author,
             f.tags,
             f.count,
             f.failed,
             f.first,
             f.last);
    f.level = static_cast<match::Level>(std::clamp<int64_t>(level, 0, kMostGrave));
    read_resources(row.text(kResourcesColumn), f);
    YAGURA_TRY(f.samples, read_samples(database, f.id));
    return f;
}

Result<void> write_samples(sqlite::Database& database, const KeptFinding& finding) {
    YAGURA_CHECK(database.run("DELETE FROM finding_samples WHERE finding = ?", finding.id));
    for (size_t i = 0; i < finding.samples.size(); ++i) {
        const FindingSample& sample = finding.samples[i];
        YAGURA_CHECK(database.run("INSERT INTO finding_samples VALUES (?,?,?,?,?,?,?)",
                                  finding.id,
                                  i,
                                  sample.time,
                                  sample.log_type,
                                  sample.event_id,
                                  sample.object,
                                  sample.ordinal));
    }
    return {};
}

Result<void> write_finding(sqlite::Database& database, const KeptFinding& f, int64_t seal) {
    YAGURA_CHECK(database.run(
        fmt::format("INSERT OR REPLACE INTO findings({}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                    kColumns),
        f.id,
        f.rule_id,
        f.account,
        f.principal,
        f.source_ip,
        f.level,
        f.title,
        f.title_ja,
        f.author,
        f.tags,
        f.count,
        f.failed,
        f.first,
        f.last,
        seal,
        resources_text(f)));
    return write_samples(database, f);
}

Result<bool> has_table(sqlite::Database& database, std::string_view name) {
    YAGURA_TRY(const int64_t count,
               database.number("SELECT count(*) FROM sqlite_schema WHERE name = ?", name));
    return count != 0;
}

Result<bool> has_resources(sqlite::Database& database) {
    YAGURA_TRY(const int64_t count,
               database.number("SELECT count(*) FROM pragma_table_info('findings') "
                               "WHERE name = 'resources'"));
    return count != 0;
}

// Nobody may have written here since an earlier program did.
Result<std::string_view> columns_of(sqlite::Database& database) {
    YAGURA_TRY(const bool is_there, has_resources(database));
    return is_there ? kColumns : kEarlierColumns;
}

}  // namespace

Result<void> Catalog::Impl::prepare_findings() {
    YAGURA_TRY(const bool has_findings, has_table(database, "findings"));
    if (!has_findings) YAGURA_CHECK(database.execute(kCreate));
    YAGURA_TRY(const bool is_there, has_resources(database));
    if (!is_there) YAGURA_CHECK(database.execute(kAddResources));
    YAGURA_TRY(const bool has_changes, has_table(database, "finding_changes"));
    return has_changes ? Result<void>() : database.execute(kCreateChanges);
}

// The row of the same rule and entities with its seal; id 0 when there is none.
Result<std::pair<KeptFinding, int64_t>> Catalog::Impl::finding_like(const KeptFinding& wanted) {
    YAGURA_TRY(const std::string_view columns, columns_of(database));
    YAGURA_TRY(auto row,
               database.prepare(fmt::format("SELECT {} FROM findings WHERE rule_id = ? AND account "
                                            "= ? AND principal = ? AND source_ip = ?",
                                            columns),
                                wanted.rule_id,
                                wanted.account,
                                wanted.principal,
                                wanted.source_ip));
    YAGURA_TRY(const bool found, row.step());
    if (!found) return std::pair(KeptFinding(), int64_t{0});
    YAGURA_TRY(auto finding, read_finding(database, row));
    const int64_t seal = row.integer(kSealColumn);
    if (seal != seal_of(finding))
        return damaged(say(message::store_seal_broken, "findings", finding.id));
    return std::pair(std::move(finding), seal);
}

Result<std::optional<KeptFinding>> Catalog::finding_of(std::string_view rule_id,
                                                       std::string_view account,
                                                       std::string_view principal,
                                                       std::string_view source_ip) {
    KeptFinding wanted;
    wanted.rule_id = rule_id;
    wanted.account = account;
    wanted.principal = principal;
    wanted.source_ip = source_ip;
    YAGURA_TRY(auto found, impl_->finding_like(wanted));
    if (found.first.id == 0) return std::optional<KeptFinding>();
    return std::optional<KeptFinding>(std::move(found.first));
}

Result<void> Catalog::Impl::put_findings(std::vector<KeptFinding> findings) {
    if (findings.empty()) return {};
    YAGURA_TRY(int64_t count, database.number("SELECT count(*) FROM findings"));
    YAGURA_TRY(int64_t last_id, database.number("SELECT coalesce(max(id), 0) FROM findings"));
    uint64_t sum = 0;
    YAGURA_TRY(int64_t change, meta("finding_change"));
    for (KeptFinding& added : findings) {
        YAGURA_TRY(auto known, finding_like(added));
        if (known.first.id == 0 && count >= static_cast<int64_t>(kMaxKeptFindings)) {
            added.account = added.principal = added.source_ip = "";
            YAGURA_TRY(known, finding_like(added));
        }
        auto& [finding, old_seal] = known;
        if (finding.id == 0) {
            finding = std::move(added);
            finding.id = ++last_id;
            ++count;
        } else {
            finding.add(std::move(added));
        }
        const int64_t seal = seal_of(finding);
        YAGURA_CHECK(write_finding(database, finding, seal));
        YAGURA_CHECK(database.run(
            "INSERT OR REPLACE INTO finding_changes VALUES (?,?)", finding.id, ++change));
        sum += static_cast<uint64_t>(seal) - static_cast<uint64_t>(old_seal);
    }
    YAGURA_CHECK(set_meta("finding_change", change));
    return change_sum("findings_sum", sum);
}

Result<Catalog::Changes> Catalog::findings_changed(int64_t after, size_t limit) {
    Changes changes;
    YAGURA_TRY(const bool exists, has_table(impl_->database, "finding_changes"));
    if (!exists) return changes;
    YAGURA_CHECK(impl_->database.execute("BEGIN"));
    const auto body = [&]() -> Result<void> {
        YAGURA_TRY(changes.latest, impl_->meta("finding_change"));
        if (changes.latest == after) return {};
        YAGURA_TRY(const std::string_view columns, columns_of(impl_->database));
        YAGURA_TRY(
            auto rows,
            impl_->database.prepare(
                fmt::format(
                    "SELECT {} FROM finding_changes JOIN findings ON id = finding WHERE change > ? "
                    "ORDER BY change DESC",
                    columns),
                after));
        return rows.each([&](const sqlite::Statement& row) -> Result<void> {
            if (changes.findings.size() == limit) {
                ++changes.left_out;
                return {};
            }
            YAGURA_TRY(auto finding, read_finding(impl_->database, row));
            changes.findings.push_back(std::move(finding));
            return {};
        });
    };
    Result<void> done = body();
    (void)impl_->database.execute("COMMIT");
    if (!done) return done.error();
    std::reverse(changes.findings.begin(), changes.findings.end());
    return changes;
}

Result<std::vector<KeptFinding>> Catalog::findings() {
    std::vector<KeptFinding> out;
    YAGURA_TRY(const bool exists, has_table(impl_->database, "findings"));
    if (!exists) return out;
    YAGURA_TRY(const std::string_view columns, columns_of(impl_->database));
    YAGURA_CHECK(impl_->read_sealed(
        "findings", columns, [&](const sqlite::Statement& row) -> Result<int64_t> {
            YAGURA_TRY(auto finding, read_finding(impl_->database, row));
            const int64_t seal = row.integer(kSealColumn);
            if (seal != seal_of(finding))
                return impl_->damaged(say(message::store_seal_broken, "findings", finding.id));
            out.push_back(std::move(finding));
            return seal;
        }));
    return out;
}

}  // namespace yagura::store
