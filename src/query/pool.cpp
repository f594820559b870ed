#include "query/pool.h"

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <utility>

#include "base/language.h"
#include "base/messages/query.h"

namespace yagura::query {
namespace {

// How soon somebody who waits sees that the answer is no longer wanted.
constexpr std::chrono::milliseconds kLook{50};

struct Slot {
    std::unique_ptr<Engine> engine;  // opened by whoever gets the slot first
    bool is_quick = false;
    bool is_taken = false;
};

// A question from its arrival until its lease ends.
struct Ticket {
    Asker asker;
    Slot* slot = nullptr;

    bool is_cancelled() const { return asker.cancellation->load(); }
};

}  // namespace

Cancellation make_cancellation() {
    return std::make_shared<std::atomic<bool>>(false);
}

struct EnginePool::Impl {
    std::filesystem::path lake;
    PoolOptions options;

    mutable std::mutex mutex;
    std::condition_variable changed;
    std::vector<Slot> slots;
    std::list<Ticket> tickets;  // in order of arrival; addresses stay
    bool stopped = false;
    uint64_t questions_asked = 0;
    uint64_t questions_stopped = 0;

    void note_end(bool is_stopped) {
        const std::lock_guard lock(mutex);
        ++questions_asked;
        questions_stopped += is_stopped;
    }

    size_t long_ones_of(std::string_view person) const {
        return static_cast<size_t>(
            std::count_if(tickets.begin(), tickets.end(), [&](const Ticket& one) {
                return one.slot && one.asker.weight == Weight::heavy && one.asker.person == person;
            }));
    }

    // The reserved engine first, so that the others stay free for who can only use those.
    Slot* free_slot(Weight weight) {
        Slot* found = nullptr;
        for (Slot& slot : slots) {
            if (slot.is_taken || (slot.is_quick && weight == Weight::heavy)) continue;
            if (!found || slot.is_quick) found = &slot;
        }
        return found;
    }

    // Gives what is free to who waits longest and may have it.
    void assign() {
        for (Ticket& ticket : tickets) {
            if (ticket.slot || ticket.is_cancelled()) continue;
            const bool is_heavy = ticket.asker.weight == Weight::heavy;
            if (is_heavy && long_ones_of(ticket.asker.person) >= options.long_per_person) continue;
            Slot* slot = free_slot(ticket.asker.weight);
            if (!slot) continue;
            slot->is_taken = true;
            ticket.slot = slot;
        }
        changed.notify_all();
    }

    size_t waiting() const {
        return static_cast<size_t>(std::count_if(
            tickets.begin(), tickets.end(), [](const Ticket& ticket) { return !ticket.slot; }));
    }

    void leave(std::list<Ticket>::iterator ticket) {
        const std::lock_guard lock(mutex);
        if (ticket->slot) ticket->slot->is_taken = false;
        tickets.erase(ticket);
        assign();
    }

    Result<void> wait(std::list<Ticket>::iterator ticket) {
        std::unique_lock lock(mutex);
        assign();
        while (!ticket->slot) {
            if (ticket->is_cancelled()) {
                ++questions_asked;
                ++questions_stopped;
                return fail(Code::cancelled, say(message::query_stopped));
            }
            changed.wait_for(lock, kLook);
        }
        return {};
    }
};

struct EnginePool::Lease::Held {
    Impl& pool;
    std::list<Ticket>::iterator ticket;

    ~Held() { pool.leave(ticket); }

    Engine& engine() const { return *ticket->slot->engine; }

    void prepare(Question& question) const {
        question.scope = ticket->asker.scope;
        question.interrupted = ticket->asker.cancellation.get();
        if (question.timeout.count() == 0) question.timeout = pool.options.timeout;
    }

    // Counts the question. An engine that failed by its own fault is not lent again.
    template <class T>
    Result<T> passed(Result<T> result) const {
        pool.note_end(!result && result.error().code() == Code::cancelled);
        if (!result && result.error().code() == Code::internal) ticket->slot->engine.reset();
        return result;
    }

    Result<void> open() const {
        Slot& slot = *ticket->slot;
        if (slot.engine) return {};
        YAGURA_TRY(slot.engine, Engine::open(pool.lake, pool.options.engine));
        return {};
    }
};

EnginePool::Lease::Lease(std::unique_ptr<Held> held) : held_(std::move(held)) {}
EnginePool::Lease::Lease(Lease&&) noexcept = default;
EnginePool::Lease::~Lease() = default;

Result<Answer> EnginePool::Lease::ask(Question question, const RowSink& sink) {
    YAGURA_CHECK(held_->open());
    held_->prepare(question);
    return held_->passed(held_->engine().ask(question, sink));
}

Result<Answer> EnginePool::Lease::ask_sql(Question question, const RowSink& sink) {
    YAGURA_CHECK(held_->open());
    held_->prepare(question);
    return held_->passed(held_->engine().ask_sql(question, sink));
}

Result<Answer> EnginePool::Lease::explain(Question question, Engine::Explained& out) {
    YAGURA_CHECK(held_->open());
    held_->prepare(question);
    return held_->passed(held_->engine().explain(question, out));
}

Result<Answer> EnginePool::Lease::check_sql(Question question, std::vector<ResultColumn>& columns) {
    YAGURA_CHECK(held_->open());
    held_->prepare(question);
    return held_->passed(held_->engine().check_sql(question, columns));
}

Result<Answer> EnginePool::Lease::facets(Question question,
                                         std::span<const std::string> fields,
                                         const FacetWish& wish,
                                         std::vector<Facet>& out) {
    YAGURA_CHECK(held_->open());
    held_->prepare(question);
    return held_->passed(held_->engine().facets(question, fields, wish, out));
}

Result<std::vector<Engine::TypeTotals>> EnginePool::Lease::totals(Question question) {
    YAGURA_CHECK(held_->open());
    held_->prepare(question);
    return held_->passed(held_->engine().totals(question));
}

Result<Answer> EnginePool::Lease::count(Question question, std::vector<Group>& out) {
    YAGURA_CHECK(held_->open());
    held_->prepare(question);
    return held_->passed(held_->engine().count(question, out));
}

Result<Answer> EnginePool::Lease::count_sets(Question question,
                                             const CountSets& wanted,
                                             std::vector<std::vector<Group>>& out) {
    YAGURA_CHECK(held_->open());
    held_->prepare(question);
    return held_->passed(held_->engine().count_sets(question, wanted, out));
}

Result<TimeRange> EnginePool::Lease::span(Question question) {
    YAGURA_CHECK(held_->open());
    held_->prepare(question);
    return held_->passed(held_->engine().span(question));
}

Result<std::optional<EventRow>> EnginePool::Lease::event(
    Origin origin, std::span<const match::Rule* const> rules) {
    YAGURA_CHECK(held_->open());
    Question question;
    held_->prepare(question);
    return held_->passed(held_->engine().event(question, origin, rules));
}

EnginePool::EnginePool(std::filesystem::path lake, const PoolOptions& options)
    : impl_(std::make_unique<Impl>()) {
    impl_->lake = std::move(lake);
    impl_->options = options;
    if (!impl_->options.engine.counts)
        impl_->options.engine.counts = std::make_shared<CountCache>();
    impl_->slots.resize(options.engines + options.quick_engines);
    for (size_t i = options.engines; i < impl_->slots.size(); ++i) impl_->slots[i].is_quick = true;
}

EnginePool::~EnginePool() {
    stop();
}

Result<EnginePool::Lease> EnginePool::lease(Asker asker) {
    if (!asker.cancellation) asker.cancellation = make_cancellation();
    std::unique_ptr<Lease::Held> held;
    {
        const std::lock_guard lock(impl_->mutex);
        if (impl_->stopped) return fail(Code::cancelled, say(message::query_stopped));
        if (impl_->waiting() >= impl_->options.most_waiting)
            return fail(Code::busy, say(message::query_queue_full));
        impl_->tickets.push_back({std::move(asker), nullptr});
        held.reset(new Lease::Held{*impl_, std::prev(impl_->tickets.end())});
    }
    YAGURA_CHECK(impl_->wait(held->ticket));
    YAGURA_CHECK(held->open());
    return Lease(std::move(held));
}

bool EnginePool::cancel(std::string_view person, std::string_view id) {
    const std::lock_guard lock(impl_->mutex);
    bool found = false;
    for (Ticket& ticket : impl_->tickets) {
        const Asker& asker = ticket.asker;
        if (asker.id.empty() || asker.id != id || (!person.empty() && asker.person != person))
            continue;
        asker.cancellation->store(true);
        found = true;
    }
    impl_->changed.notify_all();
    return found;
}

void EnginePool::stop() {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopped = true;
    for (Ticket& ticket : impl_->tickets) ticket.asker.cancellation->store(true);
    impl_->changed.notify_all();
}

EnginePool::Load EnginePool::load() const {
    const std::lock_guard lock(impl_->mutex);
    const size_t waiting = impl_->waiting();
    return {
        impl_->tickets.size() - waiting, waiting, impl_->questions_asked, impl_->questions_stopped};
}

}  // namespace yagura::query
