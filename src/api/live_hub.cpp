#include "api/live_hub.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "api/finding_json.h"
#include "api/people_json.h"
#include "api/pulse.h"
#include "base/json_text.h"
#include "base/messages/live.h"
#include "console/console.h"

namespace yagura::api {
namespace {

using http::EventStream;

constexpr std::chrono::seconds kSecond{1};
// How late a group may hear what came less than a second after its last news.
constexpr std::chrono::milliseconds kLook{250};
constexpr uint64_t kMostCounted = 10'000;  // rows of a second that are told apart from "more"
constexpr size_t kMostWaiting = 2'000;     // findings; the ones that changed last stay
constexpr int64_t kExact = int64_t{1} << 53;

std::string key_of(const LiveHub::Wish& wish, bool with_filter) {
    std::string key = wish.language == Language::japanese ? "ja" : "en";
    key += wish.scope.is_all() ? '*' : '=';
    for (const std::string& account : wish.scope.accounts()) key += account + ',';
    if (!with_filter) return key;
    for (const std::string& type : wish.types) key += '|' + type;
    for (const std::string& column : wish.columns) key += '`' + column;
    return key + '\n' + wish.filter;
}

std::string question_of(const LiveHub::Wish& wish) {
    std::string text = "fields @timestamp, @log, object_id, ordinal, detection_level";
    for (const std::string& column : wish.columns) text += ", `" + column + '`';
    if (!wish.filter.empty()) text += "\n| filter " + wish.filter;
    return text + "\n| sort @timestamp desc";
}

void write_cell(std::string& out, const sql::Value& value) {
    if (const auto* boolean = std::get_if<bool>(&value)) {
        out += *boolean ? "true" : "false";
    } else if (const auto* integer = std::get_if<int64_t>(&value)) {
        const bool is_exact = *integer<kExact&& * integer> - kExact;
        out += is_exact ? fmt::format("{}", *integer) : fmt::format("\"{}\"", *integer);
    } else if (const auto* real = std::get_if<double>(&value)) {
        out += std::isfinite(*real) ? fmt::format("{}", *real) : "null";
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        append_json(out, *text);
    } else if (const auto* time = std::get_if<Timestamp>(&value)) {
        append_json(out, format_iso8601(*time));
    } else {
        out += "null";
    }
}

void push_all(const std::vector<std::shared_ptr<EventStream>>& streams,
              const EventStream::Frame& frame) {
    for (const auto& stream : streams) stream->push(frame);
}

}  // namespace

LiveHub::LiveHub(pipeline::LiveNewsroom& newsroom, const Parts& parts)
    : newsroom_(newsroom), parts_(parts) {
    counters_ = newsroom_.counters();
    subscription_ = newsroom_.subscribe([this](const pipeline::LiveNews& news) { hear(news); });
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

LiveHub::~LiveHub() {
    stop();
}

void LiveHub::stop() {
    newsroom_.unsubscribe(subscription_);
    thread_ = {};
    const std::lock_guard lock(mutex_);
    for (Groups* groups : {&counting_, &finding_, &following_}) {
        for (auto& [key, group] : *groups) {
            for (const auto& stream : group.streams) stream->close();
        }
    }
}

size_t LiveHub::readers() const {
    const std::lock_guard lock(mutex_);
    size_t count = 0;
    for (const Groups* groups : {&counting_, &finding_, &following_}) {
        for (const auto& [key, group] : *groups) count += group.streams.size();
    }
    return count;
}

Result<void> LiveHub::check(const Wish& wish) {
    if (!parts_.engines) return fail(Code::unsupported, say(message::live_no_questions));
    YAGURA_TRY(auto lease,
               parts_.engines->lease({.person = {},
                                      .scope = wish.scope,
                                      .weight = query::Weight::quick,
                                      .id = {},
                                      .cancellation = {}}));
    const std::string text = question_of(wish);
    query::Question question;
    question.text = text;
    question.types = wish.types;
    question.now = current_time();
    query::Engine::Explained ignored;
    YAGURA_TRY(const auto answer, lease.explain(question, ignored));
    for (const Diagnostic& note : answer.notes) {
        if (note.grade == Grade::error) return fail(Code::invalid, note.message);
    }
    return {};
}

Result<std::shared_ptr<EventStream>> LiveHub::open(const Wish& wish) {
    if (readers() >= kMostReaders) return fail(Code::limit, say(message::live_too_many));
    if (wish.events) YAGURA_CHECK(check(wish));
    auto stream = std::make_shared<EventStream>();
    const std::lock_guard lock(mutex_);
    if (wish.may_read) guards_.push_back({stream, wish.may_read});
    const auto join = [&](Groups& groups, bool with_filter) -> Group& {
        Group& group = groups[key_of(wish, with_filter)];
        group.wish = wish;
        group.streams.push_back(stream);
        return group;
    };
    if (wish.counters) {
        Group& group = join(counting_, false);
        group.last.clear();  // the new one hears of them at once
        group.next = {};
    }
    if (wish.findings) join(finding_, false);
    if (wish.events) join(following_, true);
    is_awake_ = true;
    wake_.notify_all();
    return stream;
}

void LiveHub::hear(const pipeline::LiveNews& news) {
    const std::lock_guard lock(mutex_);
    counters_ = news.counters;
    for (const store::KeptFinding& finding : news.findings) findings_[finding.id] = finding;
    while (findings_.size() > kMostWaiting) findings_.erase(findings_.begin());
    if (news.rules) rules_ = news.rules;
    if (news.first_segment) {
        for (auto& [key, group] : following_) {
            if (!group.has_rows) group.first_segment = *news.first_segment;
            group.has_rows = true;
        }
    }
    is_awake_ = true;
    wake_.notify_all();
}

void LiveHub::forget_left(Groups& groups) {
    for (auto at = groups.begin(); at != groups.end();) {
        std::erase_if(at->second.streams, [](const auto& stream) { return !stream->is_open(); });
        at = at->second.streams.empty() ? groups.erase(at) : std::next(at);
    }
}

void LiveHub::stay_alive() {
    static const auto kComment = std::make_shared<const std::string>(":\n\n");
    const std::lock_guard lock(mutex_);
    for (Groups* groups : {&counting_, &finding_, &following_}) {
        for (const auto& [key, group] : *groups) push_all(group.streams, kComment);
    }
}

// Who may read is asked without our lock: it is somebody else's, too.
void LiveHub::end_refused() {
    std::vector<Guard> guards;
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(guards_, [](const Guard& guard) { return guard.stream.expired(); });
        guards = guards_;
    }
    for (const Guard& guard : guards) {
        const auto stream = guard.stream.lock();
        if (stream && !guard.may_read()) stream->close();
    }
}

void LiveHub::run(const std::stop_token& stop) {
    auto alive = Clock::now();
    while (!stop.stop_requested()) {
        std::optional<pipeline::LiveCounters> counters;
        std::vector<store::KeptFinding> findings;
        std::optional<pipeline::RulesTold> rules;
        {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, stop, kLook, [this] { return is_awake_; });
            is_awake_ = false;
            for (Groups* groups : {&counting_, &finding_, &following_}) forget_left(*groups);
            counters = counters_;
            for (auto& [id, finding] : findings_) findings.push_back(std::move(finding));
            findings_.clear();
            rules = std::exchange(rules_, std::nullopt);
        }
        if (!findings.empty()) tell_findings(findings);
        if (rules) tell_rules(*rules);
        tell_events();
        if (counters) tell_counters(*counters);
        if (Clock::now() - alive < parts_.heartbeat) continue;
        alive = Clock::now();
        end_refused();
        stay_alive();
    }
}

Result<std::string> LiveHub::counters_of(const Wish& wish, const pipeline::LiveCounters& counters) {
    pipeline::LiveCounters shown = counters;
    if (!wish.scope.is_all()) {
        // As if the lake held nothing else; what belongs to no account is nobody's.
        if (!parts_.pulse) return fail(Code::unsupported, say(message::live_no_questions));
        const Timestamp now = current_time();
        YAGURA_TRY(const PulseNumbers numbers, parts_.pulse->of(wish.scope, now));
        shown = {.events_total = numbers.events};
        if (numbers.last_event) {
            const auto lag = std::chrono::duration<double>(now - *numbers.last_event);
            shown.lag_seconds = std::max(0.0, lag.count());
        }
        if (parts_.console) {
            YAGURA_TRY(const auto sight, parts_.console->board.sight(wish.scope, now));
            shown.findings_total = sight.ranking->order.size();
        }
    }
    std::string out;
    JsonObject row(out);
    row.number("events_total", shown.events_total);
    row.real("events_per_second", std::round(shown.events_per_second * 10) / 10);
    if (shown.lag_seconds) row.real("lag_seconds", std::floor(*shown.lag_seconds));
    row.number("objects", shown.objects);
    row.number("faults", shown.faults);
    row.number("findings_total", shown.findings_total);
    row.close();
    return out;
}

// Once a second, and only what changed.
void LiveHub::tell_counters(const pipeline::LiveCounters& counters) {
    const auto now = Clock::now();
    std::vector<std::pair<std::string, Wish>> due;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [key, group] : counting_) {
            if (group.next > now) continue;
            group.next = now + kSecond;
            due.emplace_back(key, group.wish);
        }
    }
    for (const auto& [key, wish] : due) {
        const auto text = counters_of(wish, counters);
        if (!text) continue;
        const std::lock_guard lock(mutex_);
        const auto group = counting_.find(key);
        if (group == counting_.end() || group->second.last == *text) continue;
        group->second.last = *text;
        push_all(group->second.streams, EventStream::frame("counters", *text));
    }
}

void LiveHub::tell_findings(const std::vector<store::KeptFinding>& findings) {
    if (!parts_.console) return;
    std::vector<std::pair<Wish, Streams>> all;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [key, group] : finding_) all.emplace_back(group.wish, group.streams);
    }
    for (const auto& [wish, streams] : all) {
        const LanguageScope language(wish.language);
        const auto writer = FindingWriter::of(*parts_.console, wish.scope, current_time());
        if (!writer) continue;
        const auto& sight = writer->sight();
        const auto& known = sight.catalogue->findings;
        for (const store::KeptFinding& finding : findings) {
            if (!wish.scope.contains(finding.account) && !wish.scope.is_all()) continue;
            const auto place = std::find_if(known.begin(), known.end(), [&](const auto& one) {
                return one.kept.id == finding.id;
            });
            const auto number = static_cast<uint32_t>(place - known.begin());
            if (place == known.end() || !sight.ranking->visible[number]) continue;
            std::string text;
            writer->write(text, number);
            push_all(streams, EventStream::frame("finding", text));
        }
    }
}

void LiveHub::tell_rules(const pipeline::RulesTold& rules) {
    std::string text;
    JsonObject row(text);
    row.number("loaded", rules.loaded);
    row.number("mistakes", rules.mistakes.size() + !rules.error.empty());
    row.close();
    const auto frame = EventStream::frame("rules", text);
    const std::lock_guard lock(mutex_);
    for (const auto& [key, group] : finding_) push_all(group.streams, frame);
}

Result<std::string> LiveHub::events_of(const Group& group, int64_t first_segment) {
    YAGURA_TRY(auto lease,
               parts_.engines->lease({.person = {},
                                      .scope = group.wish.scope,
                                      .weight = query::Weight::quick,
                                      .id = {},
                                      .cancellation = {}}));
    const std::string text = question_of(group.wish);
    query::Question question;
    question.text = text;
    question.types = group.wish.types;
    question.now = current_time();
    question.first_segment = first_segment;
    question.limit = kMostCounted;
    std::string columns, rows;
    uint64_t matched = 0;
    query::RowSink sink;
    sink.columns = [&](const std::vector<query::ResultColumn>& found) {
        JsonList list(columns);
        for (const query::ResultColumn& column : found) {
            JsonObject one(list.next());
            one.text("name", column.name);
            one.text("type", query::value_type_name(column.type));
            one.close();
        }
        list.close();
    };
    JsonList list(rows);
    sink.row = [&](std::span<const sql::Value> values) {
        if (++matched > kMostRows) return true;
        JsonList cells(list.next());
        for (const sql::Value& value : values) write_cell(cells.next(), value);
        cells.close();
        return true;
    };
    YAGURA_TRY(const auto answer, lease.ask(question, sink));
    list.close();
    if (matched == 0) return std::string();
    return fmt::format(R"({{"columns":{},"rows":{},"matched":{},"dropped":{}}})",
                       columns,
                       rows,
                       matched,
                       matched - std::min(matched, kMostRows));
}

// Of each group once a second at most.
void LiveHub::tell_events() {
    const auto now = Clock::now();
    std::vector<std::pair<Group, int64_t>> due;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [key, group] : following_) {
            if (!group.has_rows || group.next > now) continue;
            group.has_rows = false;
            group.next = now + kSecond;
            due.emplace_back(group, group.first_segment);
        }
    }
    for (const auto& [group, first_segment] : due) {
        const auto text = events_of(group, first_segment);
        if (text && !text->empty()) push_all(group.streams, EventStream::frame("events", *text));
    }
}

}  // namespace yagura::api
