// The order follows the questions of somebody who just got the logs: what happened, by whom, how
// bad, where, when; then what this picture misses; then what to type next.

#include "report/console.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/messages/report.h"
#include "base/text.h"
#include "finding/severity.h"
#include "logtype/resource.h"
#include "report/notices.h"
#include "report/numbers.h"

namespace yagura::report {
namespace {

using finding::kLevels;
using finding::Level;
using finding::LevelCounts;
using finding::Part;
using finding::Story;

constexpr size_t kDetailedStories = 3;
constexpr size_t kBriefStories = 5;
constexpr size_t kEvidence = 4;
constexpr size_t kTopRows = 5;
constexpr std::string_view kDot = " · ";

std::string count(uint64_t number) {
    return with_thousands(number);
}
std::string objects(uint64_t number) {
    return counted(number, message::tell_object, message::tell_objects);
}
std::string records(uint64_t number) {
    return counted(number, message::tell_record, message::tell_records);
}
std::string matches(uint64_t number) {
    return counted(number, message::tell_match, message::tell_matches);
}
std::string findings_of(uint64_t number) {
    return counted(number, message::tell_finding, message::tell_findings);
}
std::string rules_of(uint64_t number) {
    return counted(number, message::tell_rule, message::tell_rules);
}

// "2023-07-10 11:53:26 → 12:29:16 UTC"
std::string time_span(int64_t first, int64_t last) {
    const auto minute = [](int64_t micros) {
        std::string text = format_iso8601(from_micros(micros / 1'000'000 * 1'000'000));
        text[10] = ' ';
        text.pop_back();  // Z
        return text;
    };
    if (!is_known_time(last)) return say(message::tell_time_unknown);
    std::string to = minute(last);
    if (!is_known_time(first)) return fmt::format("… → {} UTC", to);
    const std::string from = minute(first);
    if (to == from) return from + " UTC";
    if (to.substr(0, 10) == from.substr(0, 10)) to = to.substr(11);
    return fmt::format("{} → {} UTC", from, to);
}

class Console {
  public:
    Console(const ScanReport& report, const Terminal& terminal)
        : report_(report), hits_(report.hits), terminal_(terminal) {
        terminal_.width = std::clamp<size_t>(terminal_.width, 80, 120);
    }

    std::string tell(const std::vector<Written>& written) {
        header();
        happened();
        levels();
        rules();
        dates();
        places();
        exceptions();
        unreadable();
        notices();
        closing(written);
        return std::move(out_);
    }

  private:
    void line(std::string_view text = {}) {
        out_ += text;
        out_ += '\n';
    }
    void heading(const Text& message) {
        line();
        line(terminal_.bold(say(message)));
    }
    std::string_view text(finding::StringId id) const { return hits_.strings().text(id); }
    const match::RuleInfo& rule(uint32_t index) const { return *hits_.rules()[index].rule; }

    void header() {
        const finding::ScanTotals& totals = report_.totals;
        std::vector<std::string> facts = {objects(totals.objects), records(totals.records)};
        for (const auto& [name, number] : totals.by_log_type) {
            const logtype::LogType* type = logtype::find(name);
            facts.push_back(
                fmt::format("{} {}", type ? type->title.in(language()) : name, count(number)));
        }
        if (totals.records_duplicate) {
            facts.push_back(counted(
                totals.records_duplicate, message::tell_duplicate, message::tell_duplicates));
        }
        if (totals.digests)
            facts.push_back(counted(totals.digests, message::tell_digest, message::tell_digests));
        if (totals.records_outside_range) {
            facts.push_back(say(message::tell_outside, count(totals.records_outside_range)));
        }
        wrapped(terminal_.bold("Yagura") + "  ", facts, 8);
        if (totals.first <= totals.last) line("        " + time_span(totals.first, totals.last));
        const double seconds = std::max(report_.seconds, 0.001);
        const auto rate = static_cast<uint64_t>(static_cast<double>(totals.records) / seconds);
        std::vector<std::string> effort = {say(message::tell_speed,
                                               fmt::format("{:.1f}", report_.seconds),
                                               count(rate),
                                               human_bytes(totals.bytes_in)),
                                           rules_of(report_.rules.loaded)};
        if (report_.rules.quarantined) {
            effort.push_back(
                say(message::tell_rules_quarantined, count(report_.rules.quarantined)));
        }
        wrapped(std::string(8, ' '), effort, 8);
        if (report_.interrupted) line(terminal_.paint(say(message::tell_interrupted), "1;33"));
    }

    // Facts with dots between them, broken into lines of the terminal's width; later lines start
    // where the first one's facts do, at column `indent`.
    void wrapped(std::string start,
                 const std::vector<std::string>& facts,
                 size_t indent,
                 bool is_dim = false) {
        const auto put = [&] { line(is_dim ? terminal_.dim(start) : start); };
        size_t used = indent;
        for (size_t i = 0; i < facts.size(); ++i) {
            const size_t width = display_width(facts[i]);
            if (i > 0 && used + 3 + width > terminal_.width) {
                put();
                start = std::string(indent, ' ');
                used = indent;
            } else if (i > 0) {
                start += kDot;
                used += 3;
            }
            start += facts[i];
            used += width;
        }
        put();
    }

    void happened() {
        heading(message::tell_happened);
        if (report_.totals.records == 0) {
            line("  " + say(message::tell_no_records, known_log_types()));
        } else if (report_.totals.records == report_.totals.records_outside_range) {
            line("  " + say(message::tell_all_outside));
        } else if (hits_.findings().empty()) {
            line("  " + say(message::tell_nothing_found));
        }
        stories(message::tell_principals,
                report_.stories.principals,
                message::tell_from,
                kDetailedStories);
        stories(message::tell_addresses, report_.stories.addresses, message::tell_by, 0);
        resources();
    }

    // high  deploy · IAM role · 111122223333                    3 findings · 12 matches
    void resources() {
        const std::vector<ResourceNumbers> ranked = numbers_by_resource(hits_);
        if (ranked.empty()) return;
        line(terminal_.dim("  " + say(message::tell_resources)));
        const size_t end = std::min(kBriefStories, ranked.size());
        for (size_t i = 0; i < end; ++i) {
            const logtype::ResourceView resource = logtype::parse_resource(text(ranked[i].key));
            std::string about =
                std::string(kDot) + std::string(logtype::resource_title(resource.kind));
            const std::string account =
                resource.account.empty() ? "" : std::string(kDot) + shown(resource.account, 20);
            const std::string counts =
                findings_of(ranked[i].findings) + std::string(kDot) + matches(ranked[i].matches);
            const size_t room = terminal_.width - 16 - display_width(counts);
            const size_t taken = display_width(about) + display_width(account) + 2;
            const size_t name = display_width(shown(resource.name, room));
            if (name + taken <= room) about += account;  // the name says more
            const size_t left = room - std::min(room, display_width(about) + 2);
            line(fmt::format("  {:>2}  {}{}{}",
                             i + 1,
                             terminal_.level(ranked[i].highest, 10),
                             pad_right(shown(resource.name, left) + about, room),
                             terminal_.dim(counts)));
        }
        if (end < ranked.size())
            line(terminal_.dim("      " +
                               say(message::tell_more_stories, count(ranked.size() - end))));
    }

    static std::string known_log_types() {
        std::string names;
        for (const logtype::LogType* type : logtype::all()) {
            if (!names.empty()) names += ", ";
            names += type->title.in(language());
        }
        return names;
    }

    void stories(const Text& title,
                 const std::vector<Story>& ranked,
                 const Text& counterparts,
                 size_t detailed) {
        if (ranked.empty()) return;
        line(terminal_.dim("  " + say(title)));
        const size_t shown_count = std::min(ranked.size(), detailed + kBriefStories);
        for (size_t i = 0; i < shown_count; ++i) {
            if (i < detailed) {
                detailed_story(i + 1, ranked[i], counterparts);
            } else {
                brief_story(i + 1, ranked[i], counterparts);
            }
        }
        if (shown_count < ranked.size()) {
            line(terminal_.dim(
                "      " + say(message::tell_more_stories, count(ranked.size() - shown_count))));
        }
    }

    void detailed_story(size_t place, const Story& story, const Text& counterparts) {
        const std::string score = say(message::tell_score, fmt::format("{:.0f}", story.score));
        const size_t room = terminal_.width - 16 - display_width(score);
        const std::string account =
            story.account ? std::string(kDot) + shown(text(story.account), 20) : "";
        const std::string name = shown(text(story.entity), room - display_width(account) - 2);
        line(fmt::format("  {:>2}  {}{}{}{}",
                         place,
                         terminal_.level(story.highest, 10),
                         terminal_.bold(name),
                         pad_right(account, room - display_width(name)),
                         terminal_.dim(score)));
        const std::string indent(16, ' ');
        std::vector<std::string> facts{time_span(story.first, story.last)};
        for (std::string& count : story_counts(story)) facts.push_back(std::move(count));
        wrapped(indent, facts, indent.size());
        tactics(story.tactics, indent);
        const std::string from = say(
            counterparts, listed(texts(story.counterparts), terminal_.width - indent.size() - 12));
        if (!story.counterparts.empty()) line(indent + from);
        for (size_t i = 0; i < std::min(kEvidence, story.evidence.size()); ++i)
            evidence(story.evidence[i], indent);
    }

    static std::vector<std::string> story_counts(const Story& story) {
        std::vector<std::string> counts{matches(story.matches), rules_of(story.evidence.size())};
        if (story.failed) counts.push_back(say(message::tell_failed, count(story.failed)));
        return counts;
    }

    // "Initial Access › Persistence › Impact", on as many lines as it takes.
    void tactics(const finding::TacticSet& set, const std::string& indent) {
        std::string chain;
        for (const finding::Tactic tactic : finding::in_order(set)) {
            const std::string name(finding::tactic_row(tactic).title.in(language()));
            if (!chain.empty() &&
                indent.size() + display_width(chain) + 5 + display_width(name) > terminal_.width) {
                line(indent + terminal_.paint(chain + " ›", "36"));
                chain.clear();
            } else if (!chain.empty()) {
                chain += " › ";
            }
            chain += name;
        }
        if (!chain.empty()) line(indent + terminal_.paint(chain, "36"));
    }

    // high  ×12  CloudTrail trail stopped · StopLogging main-trail          rule by …
    void evidence(const finding::Evidence& evidence, const std::string& indent) {
        const match::RuleInfo& info = rule(evidence.rule);
        const auto part = [&](Part which) {
            return text(evidence.sample->parts[static_cast<size_t>(which)]);
        };
        const std::string times = pad_left("×" + count(evidence.count), 7);
        const std::string author =
            info.author.empty() ? "" : shown(say(message::tell_rule_author, info.author), 20);
        const size_t room = terminal_.width - indent.size() - 8 - 7 - 2 -
                            (author.empty() ? 0 : display_width(author) + 2);
        std::string what(title_of(info, language()));
        if (!part(Part::event_name).empty())
            what += std::string(kDot) + std::string(part(Part::event_name));
        if (!part(Part::target).empty()) what += " " + std::string(part(Part::target));
        line(fmt::format("{}{}{}  {}  {}",
                         indent,
                         terminal_.level(info.level, 8),
                         times,
                         pad_right(shown(what, room), author.empty() ? 0 : room),
                         terminal_.dim(author)));
    }

    void brief_story(size_t place, const Story& story, const Text& counterparts) {
        std::vector<std::string> facts = story_counts(story);
        facts.push_back(time_span(story.first, story.last));
        const size_t left = terminal_.width - 16;
        const std::string score = say(message::tell_score, fmt::format("{:.0f}", story.score));
        const size_t room = left - display_width(score);
        const std::string account =
            story.account ? std::string(kDot) + shown(text(story.account), 20) : "";
        const std::string name =
            shown(text(story.entity), room - display_width(account) - 2) + account;
        line(fmt::format("  {:>2}  {}{}{}",
                         place,
                         terminal_.level(story.highest, 10),
                         pad_right(name, room),
                         terminal_.dim(score)));
        const size_t used = display_width(fmt::format("{}{}", fmt::join(facts, kDot), kDot)) +
                            display_width(say(counterparts, ""));
        if (!story.counterparts.empty() && used + 12 < left)
            facts.push_back(say(counterparts, listed(texts(story.counterparts), left - used)));
        wrapped(std::string(16, ' '), facts, 16, true);
        if (const std::string where = report_.place_of(text(story.entity)); !where.empty())
            line(std::string(16, ' ') + terminal_.dim(shown(where, left)));
    }

    std::vector<std::string_view> texts(const std::vector<finding::StringId>& ids) const {
        std::vector<std::string_view> names;
        for (const finding::StringId id : ids) names.push_back(text(id));
        return names;
    }

    void levels() {
        const std::array<LevelNumbers, kLevels> numbers = numbers_by_level(hits_);
        heading(message::tell_by_level);
        line(terminal_.dim("  " + pad_right("", 16) +
                           pad_left(say(message::tell_column_matches), 12) +
                           pad_left(say(message::tell_column_findings), 12) +
                           pad_left(say(message::tell_column_rules), 10)));
        for (size_t i = kLevels; i-- > 0;) {
            const LevelNumbers& row = numbers[i];
            line(fmt::format("  {}{:>12}{:>12}{:>10}",
                             terminal_.level(static_cast<Level>(i), 16),
                             count(row.matches),
                             i == 0 ? "–" : count(row.findings),
                             count(row.rules)));
        }
    }

    void rules() {
        std::vector<finding::RuleTally> tallies;
        for (const finding::RuleTally& tally : hits_.rules()) {
            if (tally.rule->level != Level::informational && !tally.only_tags)
                tallies.push_back(tally);
        }
        if (tallies.empty()) return;
        // Graver ones first among those that matched equally often.
        std::stable_sort(tallies.begin(), tallies.end(), [](const auto& a, const auto& b) {
            return a.count != b.count ? a.count > b.count : a.rule->level > b.rule->level;
        });
        heading(message::tell_frequent_rules);
        const size_t frequent = std::min(kTopRows, tallies.size());
        for (size_t i = 0; i < frequent; ++i) rule_row(tallies[i]);
        if (tallies.size() <= frequent) return;
        std::stable_sort(tallies.begin() + static_cast<ptrdiff_t>(frequent),
                         tallies.end(),
                         [](const auto& a, const auto& b) {
                             return a.count != b.count ? a.count < b.count
                                                       : a.rule->level > b.rule->level;
                         });
        heading(message::tell_rare_rules);
        const size_t end = std::min(tallies.size(), frequent + kTopRows);
        for (size_t i = frequent; i < end; ++i) rule_row(tallies[i]);
    }

    void rule_row(const finding::RuleTally& tally) {
        const std::string author = shown(say(message::tell_rule_author, tally.rule->author), 24);
        const size_t room = terminal_.width - 2 - 16 - 10 - 2 - 2 - display_width(author);
        line(fmt::format("  {}{:>10}  {}  {}",
                         terminal_.level(tally.rule->level, 16),
                         count(tally.count),
                         pad_right(shown(title_of(*tally.rule, language()), room), room),
                         tally.rule->author.empty() ? "" : terminal_.dim(author)));
    }

    void dates() {
        const auto days = detections_by_day(hits_);
        std::string rows;
        for (size_t i = kLevels; i-- > 1;) {
            const auto top =
                std::max_element(days.begin(), days.end(), [&](const auto& a, const auto& b) {
                    return a.second[i] < b.second[i];
                });
            if (top == days.end() || top->second[i] == 0) continue;
            rows += fmt::format("  {}{:>12}  {}\n",
                                terminal_.level(static_cast<Level>(i), 16),
                                count(top->second[i]),
                                day_text(top->first));
        }
        if (rows.empty()) return;
        heading(message::tell_dates);
        out_ += rows;
        const Spark spark = detections_over_time(hits_, terminal_.width - 38);
        if (spark.counts.size() > 1) {
            line(fmt::format("  {} {} {}",
                             spark.first_text,
                             terminal_.paint(sparkline(spark.counts), "36"),
                             spark.last_text));
        }
    }

    void places() {
        place_rows(message::tell_accounts, report_.totals.by_account, hits_.by_account());
        place_rows(message::tell_regions, report_.totals.by_region, hits_.by_region());
    }

    //                           records  critical      high    medium       low
    //   111122223333              2,900         2        23       117        45
    void place_rows(const Text& title,
                    const finding::ScanTotals::Names& events,
                    const std::unordered_map<finding::StringId, LevelCounts>& levels) {
        const std::vector<PlaceNumbers> rows = numbers_by_place(events, levels, hits_.strings());
        if (rows.empty()) return;
        heading(title);
        std::string head = std::string(22, ' ') + pad_left(say(message::tell_column_records), 14);
        for (size_t level = kLevels; level-- > 1;) {
            const finding::Severity& row = finding::severity(static_cast<Level>(level));
            head += pad_left(std::string(row.title.in(language())), 10);
        }
        line(terminal_.dim(head));
        const size_t end = std::min(kTopRows, rows.size());
        for (size_t i = 0; i < end; ++i) {
            std::string row = "  " + pad_right(shown(rows[i].name, 20), 20) +
                              pad_left(count(rows[i].records), 14);
            for (size_t level = kLevels; level-- > 1;) {
                const std::string number = pad_left(count(rows[i].levels[level]), 10);
                const auto colour = finding::severity(static_cast<Level>(level)).colour;
                row += rows[i].levels[level] ? terminal_.paint(number, colour) : number;
            }
            line(row);
        }
        if (end < rows.size())
            line(terminal_.dim("  " + say(message::tell_more, count(rows.size() - end))));
    }

    void exceptions() {
        if (report_.exceptions.empty()) return;
        heading(message::tell_exceptions);
        for (const ExceptionUse& use : report_.exceptions) {
            const match::Exception& exception = *use.exception;
            const size_t room = terminal_.width - 60;
            line(fmt::format(
                "  {}{}  {}  {}",
                pad_right(shown(exception.id, 24), 26),
                pad_left(count(use.matches), 10),
                pad_right(std::string(state_of(use).in(language())), 14),
                terminal_.dim(
                    shown(fmt::format("{}{}{}", exception.owner, kDot, exception.reason), room))));
        }
    }

    void unreadable() {
        const finding::Quarantine& quarantine = report_.totals.quarantine;
        if (quarantine.is_empty()) return;
        heading(message::tell_unreadable);
        line("  " + say(message::tell_unreadable_counts,
                        objects(quarantine.objects()),
                        records(quarantine.records())));
        const std::vector<finding::QuarantinedPart> parts = quarantine.parts();
        const size_t end = std::min(kTopRows, parts.size());
        for (size_t i = 0; i < end; ++i) {
            const std::string why = shown(place_and_reason(parts[i], language()), SIZE_MAX);
            const size_t width = terminal_.width - 2;
            const std::string object = shown_end(parts[i].object, width);
            if (display_width(object) + 2 + display_width(why) <= width) {
                line(fmt::format("  {}  {}", object, terminal_.dim(why)));
            } else {
                line("  " + object);
                line("      " + terminal_.dim(shown(why, width - 4)));
            }
        }
        const uint64_t more = parts.size() - end + quarantine.unlisted();
        if (more) line(terminal_.dim("  " + say(message::tell_more_unreadable, count(more))));
    }

    // The end of a path tells more than its beginning.
    static std::string shown_end(std::string_view path, size_t columns) {
        std::string text = printable(path);
        if (display_width(text) <= columns) return text;
        size_t start = 0;
        while (start < text.size() &&
               display_width(std::string_view(text).substr(start)) + 1 > columns) {
            next_code_point(text, start);
        }
        return "…" + text.substr(start);
    }

    void notices() {
        const std::vector<std::string> notices = notices_of(report_, language());
        if (!notices.empty()) line();
        for (const std::string& notice : notices) line(notice);
    }

    void closing(const std::vector<Written>& written) {
        if (!written.empty()) heading(message::tell_written);
        for (const Written& file : written) {
            const std::string path = printable(file.path);
            line("  " + (file.lists_matches
                             ? say(message::tell_written_rows, path, matches(hits_.hit_count()))
                             : path));
        }
        if (report_.totals.records == 0) return;
        heading(message::tell_next);
        std::string paths;
        for (const std::string& input : report_.inputs) paths += " " + shell_word(input);
        const auto suggest_command = [&](const std::string& command, const Text& why) {
            line(terminal_.dim("  # " + say(why)));
            line("  " + command);
        };
        const bool has_page = std::any_of(written.begin(), written.end(), [](const Written& file) {
            return file.path.ends_with(".html");
        });
        if (!has_page)
            suggest_command("yagura scan" + paths + " -f html -o report.html",
                            message::tell_next_report);
        suggest_command("yagura summary" + paths, message::tell_next_summary);
        suggest_command("yagura ingest" + paths + " --lake lake", message::tell_next_ingest);
        suggest_command("yagura query --lake lake '" + first_question() + "'",
                        message::tell_next_query);
    }

    // In CloudTrail's words where all is CloudTrail, else in those that every log type shares.
    std::string first_question() const {
        const auto& types = report_.totals.by_log_type;
        const bool is_cloudtrail = types.size() == 1 && types.begin()->first == "cloudtrail";
        if (!report_.stories.addresses.empty()) {
            return fmt::format("filter {} = \"{}\"",
                               is_cloudtrail ? "sourceIPAddress" : "source_ip",
                               text(report_.stories.addresses[0].entity));
        }
        return is_cloudtrail ? "stats count(*) by eventName" : "stats count(*) by account_id";
    }

    const ScanReport& report_;
    const finding::HitCollector& hits_;
    Terminal terminal_;
    std::string out_;
};

}  // namespace

std::string console_summary(const ScanReport& report,
                            const Terminal& terminal,
                            const std::vector<Written>& written) {
    return Console(report, terminal).tell(written);
}

}  // namespace yagura::report
