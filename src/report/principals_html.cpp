#include <array>
#include <map>

#include <fmt/format.h>

#include "base/json_text.h"
#include "base/messages/page.h"
#include "base/messages/report.h"
#include "base/text.h"
#include "report/embedded.h"
#include "report/page.h"
#include "report/principal_rows.h"

namespace yagura::report {
namespace {

using finding::AspectValue;
using finding::SummarisedPrincipal;

// Key in the page → sentence. page/shell.js and page/summary.js ask for them by key.
constexpr std::pair<std::string_view, Text> kTexts[] = {
#define PAGE_TEXT(name) {#name, message::page_##name},
    // clang-format off
    PAGE_TEXT(who) PAGE_TEXT(who_order) PAGE_TEXT(who_search) PAGE_TEXT(who_shown) PAGE_TEXT(who_principals) PAGE_TEXT(events)
    PAGE_TEXT(failed_events) PAGE_TEXT(failed) PAGE_TEXT(sensitive) PAGE_TEXT(sensitive_short) PAGE_TEXT(active)
    PAGE_TEXT(all_values) PAGE_TEXT(left_principals) PAGE_TEXT(left_values) PAGE_TEXT(principal) PAGE_TEXT(source_ip)
    PAGE_TEXT(region) PAGE_TEXT(objects) PAGE_TEXT(records) PAGE_TEXT(nothing) PAGE_TEXT(theme_light) PAGE_TEXT(theme_dark)
    PAGE_TEXT(sections) PAGE_TEXT(footer)
// clang-format on
#undef PAGE_TEXT
};

template <class... Args>
void append_sentence(std::string& out, const Text& message, const Args&... args) {
    append_json_list(out,
                     std::array{fmt::format(fmt::runtime(message.english), args...),
                                fmt::format(fmt::runtime(message.japanese), args...)});
}

// "Regions:" is a heading of its own here.
std::string_view without_colon(std::string_view title) {
    return title.ends_with(':') ? title.substr(0, title.size() - 1) : title;
}

class Data {
  public:
    Data(const SummaryReport& report, const PrincipalOptions& options)
        : report_(report), options_(options) {}

    std::string build() {
        const ChosenPrincipals chosen = choose(report_.summary, options_);
        JsonObject json(out_);
        json.text("lang", language() == Language::japanese ? "ja" : "en");
        json.key("text");
        texts();
        json.key("meta");
        meta();
        json.key("notices");
        notices();
        json.key("aspects");
        aspects();
        json.number("principals_total", chosen.principals.size() + chosen.left_out);
        json.key("principals");
        separated(chosen.principals, [&](const SummarisedPrincipal& one) { principal(one); });
        json.key("reasons");  // last: the parts above number them
        separated(reasons_, [&](const Text* reason) { append_sentence(out_, *reason); });
        json.close();
        return std::move(out_);
    }

  private:
    static int64_t millis(int64_t micros) { return micros / 1'000; }

    template <class Rows, class Append>
    void separated(const Rows& rows, Append&& append) {
        out_ += '[';
        bool first = true;
        for (const auto& row : rows) {
            if (!first) out_ += ',';
            first = false;
            append(row);
        }
        out_ += ']';
    }

    void texts() {
        JsonObject json(out_);
        for (const auto& [key, message] : kTexts) {
            json.key(key);
            append_json_list(out_, std::array{message.english, message.japanese});
        }
        json.close();
    }

    void meta() {
        const finding::ScanTotals& totals = report_.totals;
        uint64_t events = report_.summary.without_principal();
        uint64_t failed = 0;
        for (const SummarisedPrincipal& one : report_.summary.principals()) {
            events += one.events;
            failed += one.failed;
        }
        JsonObject json(out_);
        json.key("inputs");
        append_json_list(out_, report_.inputs);
        json.number("objects", totals.objects);
        json.number("records", totals.records);
        json.number("events", events);
        json.number("failed", failed);
        const bool is_timed = totals.first <= totals.last;
        json.raw("first", is_timed ? std::to_string(millis(totals.first)) : "null");
        json.raw("last", is_timed ? std::to_string(millis(totals.last)) : "null");
        json.close();
    }

    void notices() {
        std::vector<std::pair<Text, std::array<std::string, 2>>> rows;
        const finding::Quarantine& quarantine = report_.totals.quarantine;
        if (report_.interrupted) rows.push_back({message::page_interrupted, {}});
        if (report_.summary.without_principal()) {
            rows.push_back({report_.summary.without_principal() == 1 ? message::summary_one_without
                                                                     : message::summary_without,
                            {with_thousands(report_.summary.without_principal())}});
        }
        if (report_.summary.forgotten()) {
            rows.push_back(
                {message::summary_forgotten, {with_thousands(report_.summary.forgotten())}});
        }
        if (!quarantine.is_empty()) {
            rows.push_back(
                {message::summary_unreadable,
                 {with_thousands(quarantine.objects()), with_thousands(quarantine.records())}});
        }
        separated(rows, [&](const auto& row) {
            append_sentence(out_, row.first, row.second[0], row.second[1]);
        });
    }

    void aspects() {
        separated(aspect_rows(), [&](const AspectRow& row) {
            JsonObject json(out_);
            json.text("key", row.key);
            json.key("title");
            append_json_list(
                out_,
                std::array{without_colon(row.title.english), without_colon(row.title.japanese)});
            json.close();
        });
    }

    void principal(const SummarisedPrincipal& one) {
        JsonObject json(out_);
        json.text("name", one.name);
        json.text("account", one.account);
        json.number("events", one.events);
        json.number("failed", one.failed);
        json.number("sensitive", one.sensitive);
        json.raw("first", std::to_string(millis(one.first)));
        json.raw("last", std::to_string(millis(one.last)));
        size_t hidden = 0;
        std::vector<size_t> left;
        json.key("values");
        separated(aspect_rows(), [&](const AspectRow& row) {
            std::vector<AspectValue> values = values_of(one, row.aspect, options_, hidden);
            left.push_back(values.size() - std::min(values.size(), kPageValues));
            values.resize(std::min(values.size(), kPageValues));
            separated(values, [&](const AspectValue& value) { this->value(row.aspect, value); });
        });
        json.key("left");
        separated(left, [&](size_t count) { out_ += std::to_string(count); });
        json.number("hidden_keys", hidden);
        json.key("hidden_text");
        append_sentence(out_, message::summary_hidden_keys, with_thousands(hidden));
        json.close();
    }

    // [text, count, first, last, number of the reason]: the last only of security-relevant calls.
    void value(finding::Aspect aspect, const AspectValue& value) {
        out_ += '[';
        append_json(out_, value.text);
        out_ += fmt::format(",{},{},{}", value.count, millis(value.first), millis(value.last));
        if (const finding::SensitiveApi* api = reason_of(aspect, value.text)) {
            const auto [at, is_new] = reason_ids_.try_emplace(&api->reason, reasons_.size());
            if (is_new) reasons_.push_back(&api->reason);
            out_ += fmt::format(",{}", at->second);
        }
        out_ += ']';
    }

    const SummaryReport& report_;
    const PrincipalOptions& options_;
    std::string out_;
    std::vector<const Text*> reasons_;
    std::map<const Text*, size_t> reason_ids_;
};

}  // namespace

void write_principal_html(const SummaryReport& report,
                          const PrincipalOptions& options,
                          Output& out) {
    const std::array scripts = {kSummaryJs};
    write_page({kSummaryHtml, scripts, Data(report, options).build()}, out);
}

}  // namespace yagura::report
