#include <algorithm>

#include "console/finding_list.h"
#include "fixture.h"

using namespace yagura;
using namespace yagura::console;

namespace {

const Timestamp kNow = from_micros(1'800'000'000'000'000);

// A lake of two accounts with a console beside it.
struct World {
    Folder folder;
    std::unique_ptr<Console> console;

    explicit World(const std::vector<Made>& made) {
        add_findings(folder.path(), made);
        console = must(Console::open(folder.path()));
    }
    Sight sight(const AccountScope& scope = AccountScope::all(), Timestamp now = kNow) {
        return must(console->board.sight(scope, now));
    }
    Done act(ActionKind kind, const Made& made, std::string who = "aki") {
        const Subject subject = subject_of(sight(), id_of(made));
        return must(console->triage.act({.kind = kind, .who = std::move(who), .time = kNow},
                                        std::vector{subject}));
    }
    Standing standing(const Made& made, Timestamp now = kNow) {
        const Sight seen = sight(AccountScope::all(), now);
        const auto place = seen.find(id_of(made));
        REQUIRE(place);
        return seen.standing(*place);
    }
};

const Made kAlice{};
const Made kBob{
    .rule = "rule-2", .account = kAccountB, .principal = "bob", .level = match::Level::high};

std::vector<std::string> principals(const Sight& sight, const FindingFilter& filter) {
    std::vector<std::string> out;
    for (const uint32_t place : list_findings(sight, filter).page)
        out.push_back(sight.finding(place).kept.principal);
    return out;
}

uint64_t count_of(const std::vector<FacetCount>& facet, std::string_view value) {
    for (const FacetCount& one : facet)
        if (one.value == value) return one.count;
    return 0;
}

}  // namespace

TEST_CASE("a folder without a lake has no findings, and gets them when the lake comes") {
    Folder folder;
    const auto console = must(Console::open(folder.path()));
    CHECK(must(console->board.sight(AccountScope::all(), kNow)).ranking->order.empty());
    add_findings(folder.path(), {kAlice});
    CHECK(must(console->board.sight(AccountScope::all(), kNow)).ranking->order.size() == 1);
}

TEST_CASE("who sees one account sees its findings only, ranked as if there were no others") {
    Made other = kAlice;
    other.account = kAccountB;
    World world({kAlice, kBob, other});
    const Sight all = world.sight();
    const Sight scoped = world.sight(AccountScope::of({kAccountA}));
    REQUIRE(all.ranking->order.size() == 3);
    REQUIRE(scoped.ranking->order.size() == 1);
    CHECK_FALSE(scoped.find(id_of(kBob)));
    const auto alone = store::rank({finding_of(kAlice)});
    CHECK(scoped.ranking->order[0].score == alone[0].score);
    const FindingList list = list_findings(scoped, {});
    CHECK(list.facets.accounts.size() == 1);
    CHECK(list.facets.rules.size() == 1);
    CHECK(list.facets.levels[static_cast<size_t>(match::Level::high)] == 0);
}

TEST_CASE("a finding without an account is for those who see everything") {
    Made lost = kAlice;
    lost.account = "";
    World world({lost});
    CHECK(world.sight().ranking->order.size() == 1);
    CHECK(world.sight(AccountScope::of({kAccountA})).ranking->order.empty());
    CHECK(world.sight(AccountScope::of({""})).ranking->order.empty());
}

TEST_CASE("a facet counts what the other filters leave") {
    Made third = kAlice;
    third.principal = "carol";
    third.level = match::Level::high;
    World world({kAlice, kBob, third});
    FindingFilter filter;
    filter.levels = {match::Level::high};
    filter.accounts = {kAccountA};
    const FindingList list = list_findings(world.sight(), filter);
    CHECK(list.total == 1);
    CHECK(list.facets.levels[static_cast<size_t>(match::Level::medium)] == 1);
    CHECK(list.facets.levels[static_cast<size_t>(match::Level::high)] == 1);
    CHECK(count_of(list.facets.accounts, kAccountA) == 1);
    CHECK(count_of(list.facets.accounts, kAccountB) == 1);
    CHECK(count_of(list.facets.rules, "rule-1") == 1);
    CHECK(count_of(list.facets.rules, "rule-2") == 0);
}

TEST_CASE("words look into titles of both languages, entities and tags, all of them") {
    World world({kAlice, kBob});
    const auto found = [&](std::string text) {
        FindingFilter filter;
        filter.text = std::move(text);
        return principals(world.sight(), filter);
    };
    CHECK(found("RULE-1 alice") == std::vector<std::string>{"alice"});
    CHECK(found("題名 bob") == std::vector<std::string>{"bob"});
    CHECK(found("198.51.100").size() == 2);
    CHECK(found("t1580 alice bob").empty());
}

TEST_CASE("the rarest come first when asked for") {
    Made loud = kAlice;
    loud.count = 100;
    Made second = kAlice;
    second.principal = "carol";
    World world({loud, second, kBob});
    FindingFilter filter;
    filter.sort = FindingSort::rarest;
    CHECK(principals(world.sight(), filter)[0] == "bob");
    filter.ascending = true;
    CHECK(principals(world.sight(), filter)[2] == "bob");
    filter = {};
    filter.sort = FindingSort::count;
    CHECK(principals(world.sight(), filter)[0] == "alice");
}

TEST_CASE("a closed finding that grows says by how much and is open again to those who look") {
    World world({kAlice, kBob});
    world.act(ActionKind::close, kAlice);
    CHECK(world.standing(kAlice).status == Status::closed);
    CHECK_FALSE(world.standing(kAlice).counts_as_open);
    FindingFilter open;
    open.only_open = true;
    CHECK(principals(world.sight(), open) == std::vector<std::string>{"bob"});
    add_findings(world.folder.path(), {kAlice});
    CHECK(world.standing(kAlice).status == Status::closed);
    CHECK(world.standing(kAlice).grown == 1);
    CHECK(principals(world.sight(), open).size() == 2);
}

TEST_CASE("decisions belong to the finding, not to its place in a catalog") {
    World world({kAlice});
    world.act(ActionKind::acknowledge, kAlice);
    world.console.reset();
    std::filesystem::remove(world.folder.path() / "catalog.sqlite");
    std::filesystem::remove(world.folder.path() / "catalog.sqlite-wal");
    std::filesystem::remove(world.folder.path() / "catalog.sqlite-shm");
    add_findings(world.folder.path(), {kBob, kAlice});
    world.console = must(Console::open(world.folder.path()));
    CHECK(world.standing(kAlice).status == Status::acknowledged);
    CHECK(world.standing(kBob).status == Status::fresh);
}

TEST_CASE("an exception hides what it covers until it ends, and what it cannot be sure of stays") {
    World world({kAlice, kBob});
    must(world.console->exceptions.add(
        {{.owner = "aki",
          .reason = "known",
          .expires = kNow + std::chrono::hours(1),
          .rules = {"rule-1"},
          .entities = {{.accounts = {kAccountA}, .principal = "alice", .source_ip = {}}}}},
        kNow));
    CHECK(world.standing(kAlice).status == Status::suppressed);
    CHECK(world.standing(kBob).status == Status::fresh);
    const FindingList list = list_findings(world.sight(), {});
    CHECK(list.total == 1);
    CHECK(list.suppressed == 1);
    CHECK(world.standing(kAlice, kNow + std::chrono::hours(2)).status == Status::fresh);
}

TEST_CASE("findings of the demonstration are told by where their events came from") {
    Folder folder;
    Made sample = kAlice;
    sample.object =
        (std::filesystem::weakly_canonical(folder.path()) / "console/sample/x.json").string();
    add_findings(folder.path(), {sample, kBob});
    const auto console = must(Console::open(folder.path()));
    const Sight sight = must(console->board.sight(AccountScope::all(), kNow));
    CHECK(sight.finding(*sight.find(id_of(sample))).sample);
    CHECK_FALSE(sight.finding(*sight.find(id_of(kBob))).sample);
}
