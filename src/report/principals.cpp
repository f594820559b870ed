#include "report/principals.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/json_text.h"
#include "base/messages/report.h"
#include "base/text.h"
#include "base/time.h"
#include "report/outputs.h"
#include "report/principal_rows.h"

namespace yagura::report {
namespace {

using finding::Aspect;
using finding::AspectValue;
using finding::SummarisedPrincipal;

constexpr size_t kRelevantCalls = 60;

std::string second_text(int64_t micros) {
    std::string text = format_iso8601(from_micros(micros / 1'000'000 * 1'000'000));
    text[10] = ' ';
    text.pop_back();
    return text;
}

class Table {
  public:
    Table(const PrincipalOptions& options, const Terminal& terminal)
        : options_(options), terminal_(terminal) {
        terminal_.width = std::clamp<size_t>(terminal_.width, 80, 160);
    }

    std::string draw(const finding::PrincipalSummary& summary) {
        const ChosenPrincipals chosen = choose(summary, options_);
        if (chosen.principals.empty()) line(say(message::summary_none));
        for (const SummarisedPrincipal& principal : chosen.principals) draw_one(principal);
        if (chosen.left_out)
            line(terminal_.dim(counted(chosen.left_out,
                                       message::summary_one_more_principal,
                                       message::summary_more_principals)));
        if (summary.without_principal()) {
            line(terminal_.dim(counted(summary.without_principal(),
                                       message::summary_one_without,
                                       message::summary_without)));
        }
        if (summary.forgotten())
            line(say(message::summary_forgotten, with_thousands(summary.forgotten())));
        return std::move(out_);
    }

  private:
    void line(std::string_view text = {}) {
        out_ += text;
        out_ += '\n';
    }

    void draw_one(const SummarisedPrincipal& principal) {
        const std::string name = shown(principal.name, terminal_.width - 24);
        line(terminal_.bold(name) +
             (principal.account.empty() ? "" : " · " + shown(principal.account, 20)));
        line("  " + counted(principal.events, message::summary_event, message::summary_events) +
             say(message::summary_of_them_failed, with_thousands(principal.failed)) + " · " +
             counted(principal.sensitive, message::summary_kind, message::summary_kinds) + " · " +
             second_text(principal.first) + " ~ " + second_text(principal.last) + " UTC");
        for (const AspectRow& row : aspect_rows()) draw_aspect(principal, row);
        line();
    }

    void draw_aspect(const SummarisedPrincipal& principal, const AspectRow& row) {
        size_t hidden = 0;
        const std::vector<AspectValue> values = values_of(principal, row.aspect, options_, hidden);
        if (values.empty() && hidden == 0) return;
        std::string title =
            "  " + terminal_.paint(say(row.title), "36") + " " +
            (is_action(row.aspect) ? count_of_kinds(values) : with_thousands(values.size()));
        if (hidden)
            title +=
                terminal_.dim("  " + say(message::summary_hidden_keys, with_thousands(hidden)));
        line(title);
        const size_t end = shown_values(row.aspect, values);
        for (size_t i = 0; i < end; ++i)
            draw_value(values[i], reason_of(row.aspect, values[i].text));
        if (end < values.size())
            line(terminal_.dim("           " +
                               say(message::tell_more, with_thousands(values.size() - end))));
    }

    // "2,403 of 233 kinds": of what was done, how much says more than how many sorts of it.
    static std::string count_of_kinds(const std::vector<AspectValue>& values) {
        uint64_t count = 0;
        for (const AspectValue& value : values) count += value.count;
        return values.size() == 1 ? say(message::summary_one_kind, with_thousands(count))
                                  : say(message::summary_of_kinds,
                                        with_thousands(count),
                                        with_thousands(values.size()));
    }

    // Security-relevant calls are shown even beyond the limit, within reason.
    size_t shown_values(Aspect aspect, const std::vector<AspectValue>& values) const {
        if (options_.values == 0) return values.size();
        const auto relevant = static_cast<size_t>(
            std::count_if(values.begin(), values.end(), [&](const AspectValue& value) {
                return reason_of(aspect, value.text) != nullptr;
            }));
        return std::min(values.size(),
                        std::max(options_.values, std::min(relevant, kRelevantCalls)));
    }

    // "      60 – secretsmanager:GetSecretValue (2023-07-10 11:57:50 ~ 12:07:57)  reads a secret"
    void draw_value(const AspectValue& value, const finding::SensitiveApi* api) {
        const std::string first = second_text(value.first);
        std::string last = second_text(value.last);
        if (last.substr(0, 10) == first.substr(0, 10)) last = last.substr(11);
        const std::string when = value.first == value.last ? fmt::format("({})", first)
                                                           : fmt::format("({} ~ {})", first, last);
        const std::string reason = api ? "  " + std::string(api->reason.in(language())) : "";
        const size_t used = 13 + display_width(when) + display_width(reason);
        const size_t room = terminal_.width > used + 36 ? terminal_.width - used : 36;
        const std::string text = shown(value.text, room);
        line(fmt::format("{:>10} – {} {}{}",
                         with_thousands(value.count),
                         api ? terminal_.bold(text) : text,
                         terminal_.dim(when),
                         terminal_.paint(reason, "33")));
    }

    const PrincipalOptions& options_;
    Terminal terminal_;
    std::string out_;
};

void append_value(std::string& out, const AspectValue& value, const finding::SensitiveApi* api) {
    JsonObject json(out);
    json.text("value", value.text);
    json.number("count", value.count);
    json.text("first", format_iso8601(from_micros(value.first)));
    json.text("last", format_iso8601(from_micros(value.last)));
    if (api) json.text("reason", api->reason.in(language()));
    json.close();
}

}  // namespace

std::string principal_table(const finding::PrincipalSummary& summary,
                            const PrincipalOptions& options,
                            const Terminal& terminal) {
    return Table(options, terminal).draw(summary);
}

void write_principal_csv(const finding::PrincipalSummary& summary,
                         const PrincipalOptions& options,
                         Output& out) {
    out.write("Principal,AccountID,Kind,Value,Count,First,Last,Note\n");
    for (const SummarisedPrincipal& principal : choose(summary, options).principals) {
        for (const AspectRow& row : aspect_rows()) {
            size_t hidden = 0;
            for (const AspectValue& value : values_of(principal, row.aspect, options, hidden)) {
                const finding::SensitiveApi* api = reason_of(row.aspect, value.text);
                out.write(fmt::format("{},{},{},{},{},{},{},{}\n",
                                      csv_cell(principal.name),
                                      csv_cell(principal.account),
                                      row.key,
                                      csv_cell(value.text),
                                      value.count,
                                      format_iso8601(from_micros(value.first)),
                                      format_iso8601(from_micros(value.last)),
                                      api ? csv_cell(api->reason.in(language())) : ""));
            }
        }
    }
}

void write_principal_json_lines(const finding::PrincipalSummary& summary,
                                const PrincipalOptions& options,
                                Output& out) {
    std::string text;
    for (const SummarisedPrincipal& principal : choose(summary, options).principals) {
        text.clear();
        JsonObject json(text);
        json.text("principal", principal.name);
        json.text("account_id", principal.account);
        json.number("events", principal.events);
        json.number("failed", principal.failed);
        json.text("first", format_iso8601(from_micros(principal.first)));
        json.text("last", format_iso8601(from_micros(principal.last)));
        for (const AspectRow& row : aspect_rows()) {
            size_t hidden = 0;
            json.key(row.key);
            text += '[';
            for (const AspectValue& value : values_of(principal, row.aspect, options, hidden)) {
                if (text.back() != '[') text += ',';
                append_value(text, value, reason_of(row.aspect, value.text));
            }
            text += ']';
        }
        json.close();
        text += '\n';
        out.write(text);
    }
}

}  // namespace yagura::report
