// POST /rules/test without an event: what the rule would have matched in the lake. As one answer,
// or
// (`stream`) as lines that tell how far it is; the last one is `result` or `error`.
#include <condition_variable>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "api/people_json.h"
#include "api/rule_trial.h"
#include "base/messages/desk.h"
#include "base/messages/hunt.h"
#include "base/messages/query.h"
#include "pipeline/live.h"
#include "query/pool.h"
#include "query/watch.h"

namespace yagura::api {

using http::Response;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kTellEvery{200};

// All that a test needs of its request, which may be gone by the time it runs.
struct Work {
    std::filesystem::path lake;
    query::EnginePool* engines = nullptr;
    std::string person;
    AccountScope scope;
    Trial trial;
    LakeTest test;
    std::shared_ptr<const match::Policy> policy;  // null: every match is told
    Timestamp now{};
    query::Cancellation cancellation;
    std::atomic<uint64_t> events{0};  // looked at so far
    Clock::time_point started = Clock::now();
};

// Holds an engine of the pool while a test runs: tests read as much as long questions do, so they
// wait in the same queue and are cancelled in the same way.
Result<std::optional<query::EnginePool::Lease>> turn_for(const Work& work) {
    std::optional<query::EnginePool::Lease> turn;
    if (!work.engines) return turn;
    YAGURA_TRY(auto lease,
               work.engines->lease({.person = work.person,
                                    .scope = work.scope,
                                    .weight = query::Weight::heavy,
                                    .id = work.test.id,
                                    .cancellation = work.cancellation}));
    turn.emplace(std::move(lease));
    return turn;
}

std::string result_text(const Work& work, const pipeline::Backtest& backtest) {
    uint64_t matches = 0, findings = 0, held_back = 0;
    for (const auto& tested : backtest.tested) {
        matches += tested->count;
        findings += tested->findings.size();
        for (const auto& [exception, count] : tested->hidden) held_back += count;
    }
    std::string out;
    JsonObject answer(out);
    answer.number("matches", matches);
    answer.number("findings", findings);
    answer.number("held_back", held_back);
    answer.number("events", work.events);
    write_examples(answer, out, backtest.examples());
    if (work.test.range.from) answer.text("from", format_iso8601(*work.test.range.from));
    if (work.test.range.to) answer.text("to", format_iso8601(*work.test.range.to));
    if (backtest.correlations.is_incomplete()) answer.text("note", say(message::hunt_incomplete));
    answer.number("elapsed_ms", milliseconds_since(work.started));
    answer.close();
    return out;
}

// The result as JSON.
Result<std::string> run(Work& work) {
    YAGURA_TRY(const auto turn, turn_for(work));
    YAGURA_TRY(auto lake, store::Lake::open(work.lake));
    query::Hunt request;
    request.range = work.test.range;
    request.scope = work.scope;
    request.threads = 1;
    request.interrupted = work.cancellation.get();
    request.asked = &work.events;
    pipeline::Backtest backtest(
        *work.trial.set,
        work.trial.chosen,
        {.examples = work.test.limit, .policy = work.policy.get(), .now = work.now});
    query::Watch watch({.timeout = work.test.timeout}, [&] { work.cancellation->store(true); });
    const auto ran = backtest.run(lake, std::move(request));
    if (!ran && watch.reason() == query::Watch::Reason::late)
        return fail(Code::limit, say(message::desk_too_slow, work.test.timeout.count()));
    if (!ran && work.cancellation->load())
        return fail(Code::cancelled, say(message::query_stopped));
    YAGURA_CHECK(ran);
    return result_text(work, backtest);
}

// Says now and then how far a test is, from a thread of its own, until it goes.
class Telling {
  public:
    Telling(const Work& work, http::BodyWriter& out)
        : work_(work), out_(out), thread_([this] { tell(); }) {}
    ~Telling() {
        {
            const std::lock_guard lock(mutex_);
            done_ = true;
        }
        wake_.notify_all();
        thread_.join();
    }

  private:
    void tell() {
        std::unique_lock lock(mutex_);
        while (!wake_.wait_for(lock, kTellEvery, [this] { return done_; })) {
            out_.write(fmt::format("{{\"progress\":{{\"events\":{},\"elapsed_ms\":{}}}}}\n",
                                   work_.events.load(),
                                   milliseconds_since(work_.started)));
        }
    }

    const Work& work_;
    http::BodyWriter& out_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool done_ = false;
    std::thread thread_;  // last: begins when the rest is there
};

void write_lines(Work& work, http::BodyWriter& out) {
    out.on_leave([cancellation = work.cancellation] { cancellation->store(true); });
    const auto result = [&] {
        const Telling telling(work, out);
        return run(work);
    }();
    out.write(result ? "{\"result\":" + *result + "}\n"
                     : http::error_response(result.error()).body + "\n");
}

}  // namespace

uint64_t milliseconds_since(Clock::time_point start) {
    return static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count());
}

Result<Response> try_lake(const Call& call, Trial trial, LakeTest test) {
    const auto work = std::make_shared<Work>();
    work->lake = call.services.lake;
    work->engines = call.services.engines;
    work->person = call.who.name;
    work->scope = call.who.accounts;
    work->trial = std::move(trial);
    work->test = std::move(test);
    if (call.services.live) work->policy = call.services.live->policy();
    if (work->policy && work->policy->is_empty()) work->policy = nullptr;
    work->now = call.services.now();
    work->cancellation = call.request.left ? call.request.left : query::make_cancellation();
    if (work->test.streams) {
        return Response::stream("application/x-ndjson",
                                [work](http::BodyWriter& out) { write_lines(*work, out); });
    }
    YAGURA_TRY(std::string answer, run(*work));
    return Response::json(std::move(answer));
}

}  // namespace yagura::api
