#include "report/html_data.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "base/json_text.h"
#include "base/messages/page.h"
#include "finding/severity.h"
#include "logtype/resource.h"
#include "report/notices.h"
#include "report/numbers.h"

namespace yagura::report {
namespace {

using finding::HitView;
using finding::kLevels;
using finding::Level;
using finding::LevelCounts;
using finding::Part;
using finding::Story;
using finding::StringId;

constexpr size_t kStories = 100;
constexpr size_t kPlaces = 200;
constexpr size_t kNames = 20;
constexpr size_t kSparkSteps = 120;

// Key in the page → sentence. page/*.js ask for them by key.
constexpr std::pair<std::string_view, Text> kTexts[] = {
#define PAGE_TEXT(name) {#name, message::page_##name},
    // clang-format off
    PAGE_TEXT(title) PAGE_TEXT(over_time) PAGE_TEXT(tactics) PAGE_TEXT(tactics_short) PAGE_TEXT(principals) PAGE_TEXT(addresses)
    PAGE_TEXT(places) PAGE_TEXT(accounts) PAGE_TEXT(account) PAGE_TEXT(regions) PAGE_TEXT(region) PAGE_TEXT(rules)
    PAGE_TEXT(rules_short) PAGE_TEXT(rules_used) PAGE_TEXT(rule) PAGE_TEXT(author) PAGE_TEXT(matches) PAGE_TEXT(matches_short)
    PAGE_TEXT(findings) PAGE_TEXT(resources) PAGE_TEXT(resource) PAGE_TEXT(kind) PAGE_TEXT(failed) PAGE_TEXT(level) PAGE_TEXT(when) PAGE_TEXT(example) PAGE_TEXT(ranking)
    PAGE_TEXT(objects) PAGE_TEXT(records) PAGE_TEXT(object) PAGE_TEXT(ordinal) PAGE_TEXT(reason) PAGE_TEXT(at_byte)
    PAGE_TEXT(count) PAGE_TEXT(unreadable) PAGE_TEXT(only_counted) PAGE_TEXT(rows_cut)
    PAGE_TEXT(rows_shown) PAGE_TEXT(per_bar) PAGE_TEXT(nothing) PAGE_TEXT(nothing_chosen) PAGE_TEXT(more)
    PAGE_TEXT(show_matches) PAGE_TEXT(search) PAGE_TEXT(previous) PAGE_TEXT(next) PAGE_TEXT(time) PAGE_TEXT(principal)
    PAGE_TEXT(source_ip) PAGE_TEXT(event_name) PAGE_TEXT(target) PAGE_TEXT(error_code) PAGE_TEXT(event_id)
    PAGE_TEXT(access_key) PAGE_TEXT(user_agent) PAGE_TEXT(error_message) PAGE_TEXT(log_type) PAGE_TEXT(description)
    PAGE_TEXT(false_positives) PAGE_TEXT(references) PAGE_TEXT(footer) PAGE_TEXT(group)
    PAGE_TEXT(value) PAGE_TEXT(evidence_events) PAGE_TEXT(evidence_cut) PAGE_TEXT(exceptions) PAGE_TEXT(exceptions_hint)
    PAGE_TEXT(exception) PAGE_TEXT(exception_state) PAGE_TEXT(owner) PAGE_TEXT(expires) PAGE_TEXT(theme_light)
    PAGE_TEXT(theme_dark) PAGE_TEXT(sections) PAGE_TEXT(minutes) PAGE_TEXT(hours) PAGE_TEXT(days)
// clang-format on
#undef PAGE_TEXT
};

// The order of a row's texts, as COLUMN in page/table.js has it.
constexpr Part kRowParts[] = {
    Part::principal,
    Part::source_ip,
    Part::event_name,
    Part::target,
    Part::error_code,
    Part::account,
    Part::region,
    Part::user_agent,
    Part::access_key,
    Part::event_id,
    Part::error_message,
};

void append_pair(std::string& out, const Text& text) {
    append_json_list(out, std::array{text.english, text.japanese});
}

void append_levels(std::string& out, const LevelCounts& levels) {
    out += '[';
    for (size_t i = 0; i < kLevels; ++i) out += fmt::format("{}{}", i ? "," : "", levels[i]);
    out += ']';
}

// Appends `rows` as a JSON array, each written by `append(row)`.
template <class Rows, class Append>
void append_array(std::string& out, const Rows& rows, Append&& append) {
    out += '[';
    bool first = true;
    for (const auto& row : rows) {
        if (!first) out += ',';
        first = false;
        append(row);
    }
    out += ']';
}

class Data {
  public:
    Data(const ScanReport& report, size_t max_rows)
        : report_(report), hits_(report.hits), max_rows_(max_rows) {
        string_of(0);
    }

    std::string build() {
        JsonObject json(out_);
        json.text("lang", language() == Language::japanese ? "ja" : "en");
        json.key("meta");
        meta();
        json.key("text");
        texts();
        json.key("levels");
        levels();
        json.key("tactics");
        tactics();
        json.key("spark");
        spark();
        json.key("rules");
        append_array(out_, hits_.rules(), [&](const auto& tally) { rule(tally); });
        json.key("principals");
        stories(report_.stories.principals);
        json.number("principals_total", report_.stories.principals.size());
        json.key("addresses");
        stories(report_.stories.addresses);
        json.number("addresses_total", report_.stories.addresses.size());
        resources(json);
        json.key("accounts");
        places(report_.totals.by_account, hits_.by_account());
        json.key("regions");
        places(report_.totals.by_region, hits_.by_region());
        json.key("notices");
        notices();
        json.key("exceptions");
        append_array(out_, report_.exceptions, [&](const ExceptionUse& use) { exception(use); });
        json.key("unreadable");
        append_array(
            out_, report_.totals.quarantine.parts(), [&](const auto& part) { unreadable(part); });
        json.number("rows_total", hits_.matches());
        json.number("rows_kept", hits_.hit_count());
        json.key("rows");
        rows();
        json.key("strings");  // last: the parts above number them
        append_json_list(out_, strings_);
        json.close();
        return std::move(out_);
    }

  private:
    // Milliseconds, as the page's clock counts; smaller than microseconds and enough for AWS.
    static int64_t millis(int64_t micros) { return micros / 1'000; }

    size_t string_of(StringId id) {
        const auto [at, is_new] = string_ids_.try_emplace(id, strings_.size());
        if (is_new) strings_.push_back(hits_.strings().text(id));
        return at->second;
    }
    size_t string_of(const logtype::LogType& type) {
        const auto [at, is_new] = type_ids_.try_emplace(&type, strings_.size());
        if (is_new) strings_.push_back(type.name);
        return at->second;
    }

    void meta() {
        const finding::ScanTotals& totals = report_.totals;
        JsonObject meta(out_);
        meta.key("inputs");
        append_json_list(out_, report_.inputs);
        meta.text("made", format_iso8601(report_.made));
        meta.number("events_kept", finding::Correlated::kEvents);
        meta.number("objects", totals.objects);
        meta.number("records", totals.records);
        const bool timed = totals.first <= totals.last;
        meta.raw("first", timed ? std::to_string(millis(totals.first)) : "null");
        meta.raw("last", timed ? std::to_string(millis(totals.last)) : "null");
        meta.number("rules_loaded", report_.rules.loaded);
        meta.key("log_types");
        append_array(out_, totals.by_log_type, [&](const auto& row) {
            const logtype::LogType* type = logtype::find(row.first);
            JsonObject json(out_);
            json.key("title");
            append_pair(out_, type ? type->title : Text{row.first, row.first});
            json.number("count", row.second);
            json.close();
        });
        meta.close();
    }

    void texts() {
        JsonObject json(out_);
        for (const auto& [key, message] : kTexts) {
            json.key(key);
            append_pair(out_, message);
        }
        json.close();
    }

    void levels() {
        const auto numbers = numbers_by_level(hits_);
        size_t level = 0;
        append_array(out_, numbers, [&](const LevelNumbers& row) {
            JsonObject json(out_);
            json.key("title");
            append_pair(out_, finding::severity(static_cast<Level>(level++)).title);
            json.number("matches", row.matches);
            json.number("findings", row.findings);
            json.number("rules", row.rules);
            json.close();
        });
    }

    void tactics() {
        std::array<LevelCounts, finding::kTactics> counts{};
        for (const finding::RuleTally& tally : hits_.rules()) {
            if (tally.only_tags) continue;
            for (const finding::Tactic tactic :
                 finding::in_order(finding::tactics_of(tally.rule->tags))) {
                counts[static_cast<size_t>(tactic)][static_cast<size_t>(tally.rule->level)] +=
                    tally.count;
            }
        }
        size_t tactic = 0;
        append_array(out_, counts, [&](const LevelCounts& levels) {
            const finding::TacticRow& row =
                finding::tactic_row(static_cast<finding::Tactic>(tactic++));
            JsonObject json(out_);
            json.text("id", row.id);
            json.key("title");
            append_pair(out_, row.title);
            json.key("levels");
            append_levels(out_, levels);
            json.close();
        });
    }

    void spark() {
        const Spark spark = detections_over_time(hits_, kSparkSteps);
        JsonObject json(out_);
        json.raw("first", std::to_string(millis(spark.first)));
        json.raw("step", std::to_string(millis(spark.step)));
        json.key("levels");
        append_array(
            out_, spark.levels, [&](const LevelCounts& levels) { append_levels(out_, levels); });
        json.close();
    }

    void tactic_list(const finding::TacticSet& set) {
        append_array(out_, finding::in_order(set), [&](finding::Tactic tactic) {
            out_ += std::to_string(static_cast<size_t>(tactic));
        });
    }

    void rule(const finding::RuleTally& tally) {
        const match::RuleInfo& info = *tally.rule;
        JsonObject json(out_);
        const auto text = [&](std::string_view key, std::string_view value) {
            json.key(key);
            append_json(out_, value);
        };
        text("id", info.id);
        text("title", info.title);
        text("title_ja", info.title_ja);
        text("author", info.author);
        text("description", info.description);
        text("description_ja", info.description_ja);
        json.number("level", static_cast<uint64_t>(info.level));
        json.key("tactics");
        tactic_list(finding::tactics_of(info.tags));
        json.key("techniques");
        append_json_list(out_, finding::techniques_of(info.tags));
        json.key("references");
        append_json_list(out_, info.references);
        json.key("false_positives");
        append_json_list(out_, info.false_positives);
        json.key("false_positives_ja");
        append_json_list(out_, info.false_positives_ja);
        json.number("count", tally.count);
        json.raw("first", std::to_string(millis(tally.first)));
        json.raw("last", std::to_string(millis(tally.last)));
        json.close();
    }

    void stories(const std::vector<Story>& ranked) {
        const std::span<const Story> top(ranked.data(), std::min(kStories, ranked.size()));
        append_array(out_, top, [&](const Story& story) { this->story(story); });
    }

    void story(const Story& story) {
        JsonObject json(out_);
        json.number("entity", string_of(story.entity));
        json.number("account", story.account ? string_of(story.account) : 0);
        const std::string place = report_.place_of(hits_.strings().text(story.entity));
        if (!place.empty()) json.text("place", place);
        json.raw("score", fmt::format("{:.3f}", story.score));
        json.number("level", static_cast<uint64_t>(story.highest));
        json.number("matches", story.matches);
        json.number("failed", story.failed);
        json.raw("first", std::to_string(millis(story.first)));
        json.raw("last", std::to_string(millis(story.last)));
        json.key("tactics");
        tactic_list(story.tactics);
        json.key("counterparts");
        names(story.counterparts);
        json.number("more",
                    story.counterparts.size() - std::min(kNames, story.counterparts.size()));
        json.key("accounts");
        names(story.accounts);
        json.key("evidence");
        append_array(out_, story.evidence, [&](const finding::Evidence& row) { evidence(row); });
        json.close();
    }

    void names(const std::vector<StringId>& ids) {
        const std::span<const StringId> top(ids.data(), std::min(kNames, ids.size()));
        append_array(out_, top, [&](StringId id) { out_ += std::to_string(string_of(id)); });
    }

    void evidence(const finding::Evidence& evidence) {
        const auto part = [&](Part which) {
            return evidence.sample->parts[static_cast<size_t>(which)];
        };
        JsonObject json(out_);
        json.number("rule", evidence.rule);
        json.number("count", evidence.count);
        json.number("failed", evidence.failed);
        json.raw("first", std::to_string(millis(evidence.first)));
        json.raw("last", std::to_string(millis(evidence.last)));
        json.number("event", string_of(part(Part::event_name)));
        json.number("target", string_of(part(Part::target)));
        json.close();
    }

    void places(const finding::ScanTotals::Names& records,
                const std::unordered_map<StringId, LevelCounts>& by_level) {
        std::vector<PlaceNumbers> rows = numbers_by_place(records, by_level, hits_.strings());
        if (rows.size() > kPlaces) rows.resize(kPlaces);
        append_array(out_, rows, [&](const PlaceNumbers& row) {
            JsonObject json(out_);
            json.text("name", row.name);
            json.number("records", row.records);
            json.key("levels");
            append_levels(out_, row.levels);
            json.close();
        });
    }

    void resources(JsonObject& page) {
        const std::vector<ResourceNumbers> all = numbers_by_resource(hits_);
        const std::span<const ResourceNumbers> top(all.data(), std::min(kPlaces, all.size()));
        page.key("resources");
        append_array(out_, top, [&](const ResourceNumbers& row) {
            const auto resource = logtype::parse_resource(hits_.strings().text(row.key));
            const logtype::ResourceKind* kind = logtype::find_resource_kind(resource.kind);
            JsonObject json(out_);
            json.text("name", resource.name);
            json.key("kind");
            append_pair(out_, kind ? kind->title : Text{resource.kind, resource.kind});
            if (!resource.account.empty()) json.text("account", resource.account);
            if (!resource.region.empty()) json.text("region", resource.region);
            json.number("level", static_cast<uint64_t>(row.highest));
            json.number("findings", row.findings);
            json.number("matches", row.matches);
            json.close();
        });
        page.number("resources_total", all.size());
    }

    void notices() {
        std::vector<std::string> english = notices_of(report_, Language::english);
        std::vector<std::string> japanese = notices_of(report_, Language::japanese);
        out_ += '[';
        if (report_.interrupted) append_pair(out_, message::page_interrupted);
        for (size_t i = 0; i < english.size(); ++i) {
            if (out_.back() != '[') out_ += ',';
            append_pair(out_, {english[i], japanese[i]});
        }
        out_ += ']';
    }

    void exception(const ExceptionUse& use) {
        const match::Exception& exception = *use.exception;
        JsonObject json(out_);
        json.text("id", exception.id);
        json.text("owner", exception.owner);
        json.text("reason", exception.reason);
        json.key("state");
        append_pair(out_, state_of(use));
        json.number("count", use.matches);
        json.raw(
            "expires",
            exception.expires ? std::to_string(millis(to_micros(*exception.expires))) : "null");
        json.close();
    }

    void unreadable(const finding::QuarantinedPart& part) {
        JsonObject json(out_);
        json.text("object", part.object);
        json.key("reason");
        append_json_list(
            out_,
            std::array{reason_of(part, Language::english), reason_of(part, Language::japanese)});
        json.number("offset", part.offset);
        json.number("count", part.count);
        json.close();
    }

    // The gravest levels whole, then the earliest of the next until the page is full; in order of
    // time.
    std::vector<uint32_t> chosen() const {
        std::vector<uint32_t> rows;
        LevelCounts left{};
        size_t room = max_rows_;
        LevelCounts kept{};
        for (size_t i = 0; i < hits_.hit_count(); ++i)
            ++kept[static_cast<size_t>(hits_.hit(i).rule->level)];
        for (size_t level = kLevels; level-- > 0;) {
            left[level] = std::min<uint64_t>(kept[level], room);
            room -= left[level];
        }
        for (uint32_t i = 0; i < hits_.hit_count(); ++i) {
            uint64_t& take = left[static_cast<size_t>(hits_.hit(i).rule->level)];
            if (take == 0) continue;
            --take;
            rows.push_back(i);
        }
        return rows;
    }

    void rows() {
        std::unordered_map<const match::RuleInfo*, size_t> rules;
        for (size_t i = 0; i < hits_.rules().size(); ++i) rules[hits_.rules()[i].rule] = i;
        append_array(out_, chosen(), [&](uint32_t i) {
            const HitView hit = hits_.hit(i);
            out_ += fmt::format("[{},{}", millis(hit.facts->time), rules[hit.rule]);
            for (const Part part : kRowParts) {
                out_ += fmt::format(",{}", string_of(hit.facts->parts[static_cast<size_t>(part)]));
            }
            const size_t type = string_of(*hit.facts->type);
            out_ +=
                fmt::format(",{},{},{}", type, string_of(hit.facts->object), hit.facts->ordinal);
            if (hit.correlated) {
                out_ += ',';
                correlation(*hit.correlated);
            }
            out_ += ']';
        });
    }

    void correlation(const finding::Correlated& correlated) {
        JsonObject json(out_);
        json.key("group");
        append_array(out_, correlated.group, [&](const auto& entry) {
            append_json_list(out_, std::array{entry.first, entry.second});
        });
        json.raw(correlated.is_count ? "count" : "value", fmt::format("{}", correlated.measured));
        json.raw("first", std::to_string(millis(correlated.first)));
        json.raw("last", std::to_string(millis(correlated.last)));
        json.key("events");
        append_json_list(out_, correlated.events);
        json.close();
    }

    const ScanReport& report_;
    const finding::HitCollector& hits_;
    size_t max_rows_;
    std::string out_;
    std::vector<std::string_view> strings_;
    std::unordered_map<StringId, size_t> string_ids_;
    std::unordered_map<const logtype::LogType*, size_t> type_ids_;
};

}  // namespace

std::string html_data(const ScanReport& report, size_t max_rows) {
    return Data(report, max_rows).build();
}

}  // namespace yagura::report
