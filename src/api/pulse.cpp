#include "api/pulse.h"

#include <algorithm>

namespace yagura::api {
namespace {

constexpr size_t kMaxScopes = 32;
constexpr std::chrono::seconds kGoodFor{10};
constexpr std::chrono::hours kDay{24};

Timestamp hour_of(Timestamp time) {
    return std::chrono::floor<std::chrono::hours>(time);
}

}  // namespace

Result<std::optional<Pulse::Totals>> Pulse::totals() {
    const std::lock_guard lock(mutex_);
    if (!lake_) {
        auto opened = store::Lake::open(folder_);
        if (!opened && opened.error().code() == Code::not_found) return std::optional<Totals>();
        if (!opened) return opened.error();
        lake_.emplace(std::move(*opened));
    }
    Totals out;
    YAGURA_TRY(out.version, lake_->catalog().data_version());
    YAGURA_TRY(const auto snapshot, lake_->snapshot());
    out.numbers.events = snapshot.rows();
    const auto later = [](std::optional<Timestamp>& kept, Timestamp time) {
        if (!kept || *kept < time) kept = time;
    };
    for (const std::string& type : snapshot.log_types()) {
        for (const store::Segment* segment : snapshot.segments(type)) {
            later(out.numbers.last_event, segment->max_time);
            later(out.numbers.last_ingest, segment->changed);
        }
    }
    return std::optional<Totals>(out);
}

Result<PulseNumbers> Pulse::ask(const AccountScope& scope,
                                const PulseNumbers& totals,
                                Timestamp now,
                                query::Cancellation cancellation) {
    YAGURA_TRY(auto lease,
               engines_.lease({.person = {},
                               .scope = scope,
                               .weight = query::Weight::quick,
                               .id = {},
                               .cancellation = std::move(cancellation)}));
    PulseNumbers out;
    query::Question question;
    question.now = now;
    query::RowSink sink;
    sink.columns = [](const auto&) {};
    if (scope.is_all()) {
        out = totals;
    } else {
        question.text = "stats count(*) as n, max(@timestamp) as last";
        sink.row = [&](std::span<const sql::Value> row) {
            if (const auto* count = std::get_if<int64_t>(&row[0]))
                out.events = static_cast<uint64_t>(*count);
            if (const auto* last = std::get_if<Timestamp>(&row[1])) out.last_event = *last;
            return true;
        };
        YAGURA_TRY(const auto answer, lease.ask(question, sink));
        static_cast<void>(answer);
    }
    if (!out.last_event) return out;
    const Timestamp end = hour_of(*out.last_event) + std::chrono::hours(1);
    question.range = {end - kDay, end};
    question.text = "stats count(*) as n by bin(1h) as hour";
    sink.row = [&](std::span<const sql::Value> row) {
        const auto* hour = std::get_if<Timestamp>(&row[0]);
        const auto* count = std::get_if<int64_t>(&row[1]);
        if (!hour || !count || *hour < end - kDay || *hour >= end) return true;
        const auto place = (*hour - (end - kDay)) / std::chrono::hours(1);
        out.hours[static_cast<size_t>(place)] = static_cast<uint64_t>(*count);
        return true;
    };
    YAGURA_TRY(const auto answer, lease.ask(question, sink));
    static_cast<void>(answer);
    return out;
}

Result<PulseNumbers> Pulse::of(const AccountScope& scope,
                               Timestamp now,
                               query::Cancellation cancellation) {
    YAGURA_TRY(const auto lake, totals());
    if (!lake) return PulseNumbers();
    {
        const std::lock_guard lock(mutex_);
        for (const Known& known : known_) {
            const bool is_good = known.version == lake->version || now - known.asked < kGoodFor;
            if (known.scope != scope || !is_good) continue;
            PulseNumbers out = known.numbers;
            if (!scope.is_all()) return out;
            // These cost nothing, so they are always those of now.
            out.events = lake->numbers.events;
            out.last_event = lake->numbers.last_event;
            out.last_ingest = lake->numbers.last_ingest;
            return out;
        }
    }
    YAGURA_TRY(const PulseNumbers out, ask(scope, lake->numbers, now, std::move(cancellation)));
    const std::lock_guard lock(mutex_);
    known_.remove_if([&](const Known& known) { return known.scope == scope; });
    known_.push_front({scope, lake->version, now, out});
    if (known_.size() > kMaxScopes) known_.pop_back();
    return out;
}

}  // namespace yagura::api
