#include "console/exceptions.h"

#include <fstream>
#include <sstream>

#include "console/covering.h"
#include "fixture.h"
#include "rule/context.h"

using namespace yagura;
using namespace yagura::console;

namespace {

const Timestamp kNow = from_micros(1'800'000'000'000'000);

struct Shelf {
    Folder folder;
    ExceptionBook book{folder.path()};

    void write(std::string_view text) const {
        std::filesystem::create_directories(console_folder(folder.path()));
        std::ofstream(exceptions_file(folder.path())) << text;
    }
    std::string text() const {
        std::ostringstream out;
        out << std::ifstream(exceptions_file(folder.path())).rdbuf();
        return out.str();
    }
};

NewException wanted(Entities entities, std::vector<std::string> rules = {"rule-1"}) {
    NewException out{.owner = "aki", .reason = "known", .expires = kNow + std::chrono::hours(1)};
    out.rules = std::move(rules);
    out.entities = {std::move(entities)};
    return out;
}

std::vector<std::string> ids(const KnownExceptions& known) {
    std::vector<std::string> out;
    for (const KnownException& item : known.items) out.push_back(item.exception.id);
    return out;
}

match::Exception read_one(std::string_view text) {
    rule::Context context;
    rule::Problems problems("x.yml", false);
    rule::read_context(text, {}, context, problems);
    for (const Diagnostic& mistake : problems.take()) FAIL(to_string(mistake));
    REQUIRE(context.policy.exceptions.size() == 1);
    return std::move(context.policy.exceptions[0]);
}

match::Exception exception_when(std::string_view when) {
    return read_one(
        fmt::format("exceptions:\n  - id: x\n    owner: o\n    reason: r\n"
                    "    rules: [rule-1]\n    when: {}\n",
                    when));
}

}  // namespace

TEST_CASE("an exception made in the console is one that reading logs understands") {
    Shelf shelf;
    CHECK(policy_files(shelf.folder.path()).empty());
    const auto made = must(shelf.book.add(
        {wanted({.accounts = {kAccountA}, .principal = "alice", .source_ip = "198.51.100.7"})},
        kNow));
    REQUIRE(made.size() == 1);
    const auto context = must(rule::load_context(policy_files(shelf.folder.path())));
    REQUIRE(context.policy.exceptions.size() == 1);
    const match::Exception& exception = context.policy.exceptions[0];
    CHECK(exception.id == made[0]);
    CHECK(exception.owner == "aki");
    CHECK(exception.expires == kNow + std::chrono::hours(1));
    CHECK(covers(exception, finding_of({})));
    CHECK_FALSE(covers(exception, finding_of({.account = kAccountB})));
    CHECK_FALSE(covers(exception, finding_of({.rule = "rule-2"})));
    CHECK_FALSE(covers(exception, finding_of({.principal = "alic"})));
}

TEST_CASE("what stands in a name is never more than a name") {
    Shelf shelf;
    const std::string hostile[] = {"a*",
                                   "a?",
                                   "\\*",
                                   "a\"b: c",
                                   "x\ny",
                                   "#",
                                   "- a",
                                   "\xe2\x80\xae"
                                   "abc",
                                   "{a: b}",
                                   "日本語",
                                   "a\\",
                                   "null",
                                   "\x01\x7f",
                                   "\xf3\xa0\x81\x81"};
    for (const std::string& name : hostile) {
        CAPTURE(name);
        Shelf one;
        must(one.book.add({wanted({.accounts = {}, .principal = name, .source_ip = {}}, {name})},
                          kNow));
        const auto known = must(one.book.current());
        REQUIRE(known->items.size() == 1);
        CHECK(covers(known->items[0].exception, finding_of({.rule = name, .principal = name})));
        CHECK_FALSE(
            covers(known->items[0].exception, finding_of({.rule = name, .principal = "abc"})));
        CHECK_FALSE(
            covers(known->items[0].exception, finding_of({.rule = "abc", .principal = name})));
    }
}

TEST_CASE("entities a finding lacks are asked for as missing") {
    Shelf shelf;
    must(shelf.book.add(
        {wanted({.accounts = {kAccountA}, .principal = "", .source_ip = "198.51.100.7"})}, kNow));
    const auto known = must(shelf.book.current());
    CHECK(covers(known->items[0].exception, finding_of({.principal = ""})));
    CHECK_FALSE(covers(known->items[0].exception, finding_of({.principal = "alice"})));
}

TEST_CASE("an exception must name a rule or somebody, have a reason and an end to come") {
    Shelf shelf;
    const auto is_refused = [&](const NewException& one) {
        const auto made = shelf.book.add({one}, kNow);
        return !made && made.error().code() == Code::invalid;
    };
    CHECK(is_refused(wanted({}, {})));
    CHECK(is_refused(wanted({.accounts = {kAccountA}, .principal = {}, .source_ip = {}}, {})));
    CHECK(is_refused(wanted({.accounts = {}, .principal = "", .source_ip = ""}, {})));
    auto one = wanted({.accounts = {}, .principal = "alice", .source_ip = {}}, {});
    one.reason = " ";
    CHECK(is_refused(one));
    one.reason = "r";
    one.expires = kNow;
    CHECK(is_refused(one));
    one.expires = kNow + std::chrono::seconds(1);
    must(shelf.book.add({one}, kNow));
}

TEST_CASE("removing one leaves the others and what was written by hand") {
    Shelf shelf;
    const std::string_view by_hand =
        "# ours\n"
        "severity:\n"
        "  - when: {account: ['111111111111']}\n"
        "    change: +1\n"
        "exceptions:  # agreed with security\n"
        "- id: backup\n"
        "  owner: ops\n"
        "  reason: the nightly backup\n"
        "  # twice a day\n"
        "  rules: [rule-1]\n"
        "  when:\n"
        "    principal|endswith: backup\n"
        "\n"
        "# and this\n"
        "- id: scanner\n"
        "  owner: ops\n"
        "  reason: scans\n"
        "  when: {source_ip|cidr: 10.0.0.0/8}\n";
    shelf.write(by_hand);
    const auto made = must(
        shelf.book.add({wanted({.accounts = {}, .principal = "alice", .source_ip = {}})}, kNow));
    CHECK(ids(*must(shelf.book.current())) ==
          std::vector<std::string>{made[0], "backup", "scanner"});
    CHECK(must(shelf.book.current())->items[1].when == "principal|endswith: backup");
    must(shelf.book.remove("backup"));
    CHECK(ids(*must(shelf.book.current())) == std::vector<std::string>{made[0], "scanner"});
    CHECK(shelf.text().find("# and this") != std::string::npos);
    must(shelf.book.remove(made[0]));
    must(shelf.book.remove("scanner"));
    CHECK(must(shelf.book.current())->items.empty());
    CHECK(must(rule::load_context(policy_files(shelf.folder.path()))).policy.changes.size() == 1);
    const auto gone = shelf.book.remove("scanner");
    REQUIRE_FALSE(gone);
    CHECK(gone.error().code() == Code::not_found);
}

TEST_CASE("a file with a mistake is told and never overwritten") {
    Shelf shelf;
    shelf.write("exceptions:\n  - id: x\n");
    const auto known = must(shelf.book.current());
    CHECK(known->mistake);
    CHECK(known->items.empty());
    CHECK_FALSE(
        shelf.book.add({wanted({.accounts = {}, .principal = "alice", .source_ip = {}})}, kNow));
    CHECK(shelf.text() == "exceptions:\n  - id: x\n");
}

TEST_CASE("a layout that cannot be changed line by line is refused, and stays") {
    Shelf shelf;
    const std::string_view flow = "exceptions: [{id: x, owner: o, reason: r, rules: [rule-1]}]\n";
    shelf.write(flow);
    CHECK(ids(*must(shelf.book.current())) == std::vector<std::string>{"x"});
    CHECK_FALSE(
        shelf.book.add({wanted({.accounts = {}, .principal = "alice", .source_ip = {}})}, kNow));
    CHECK_FALSE(shelf.book.remove("x"));
    CHECK(shelf.text() == flow);
}

TEST_CASE("only what is certain covers a finding") {
    const auto finding = finding_of({});
    CHECK(covers(exception_when("{principal|startswith: al}"), finding));
    CHECK(covers(exception_when("{source_ip|cidr: 198.51.100.0/24}"), finding));
    CHECK_FALSE(covers(exception_when("{source_ip|cidr: 10.0.0.0/8}"), finding));
    CHECK_FALSE(covers(exception_when("{event_name: ListBuckets}"), finding));
    CHECK_FALSE(covers(exception_when("{principal: alice, error_code: AccessDenied}"), finding));
    CHECK(covers(exception_when("[{principal: alice}, {event_name: ListBuckets}]"), finding));
    CHECK(covers(exception_when("{principal|exists: true}"), finding));
    CHECK_FALSE(covers(exception_when("{principal|exists: false}"), finding));
}

TEST_CASE("a name that was cut in the finding is covered by its beginning only") {
    const std::string longest(1024, 'a');
    Shelf shelf;
    must(shelf.book.add({wanted({.accounts = {}, .principal = longest, .source_ip = {}})}, kNow));
    const auto known = must(shelf.book.current());
    CHECK(covers(known->items[0].exception, finding_of({.principal = longest})));
    CHECK_FALSE(
        covers(exception_when("{principal: " + longest + "}"), finding_of({.principal = longest})));
}

TEST_CASE("an exception knows the accounts it is confined to") {
    using Accounts = std::vector<std::string>;
    CHECK(accounts_of(exception_when("{account: ['111111111111', '222222222222']}")) ==
          Accounts{kAccountA, kAccountB});
    CHECK(accounts_of(exception_when("{account: '111111111111', principal: x}")) ==
          Accounts{kAccountA});
    CHECK(accounts_of(exception_when("[{account: '111111111111'}, {account: '222222222222'}]")) ==
          Accounts{kAccountA, kAccountB});
    CHECK_FALSE(accounts_of(exception_when("[{account: '111111111111'}, {principal: x}]")));
    CHECK_FALSE(accounts_of(exception_when("{account|startswith: '1111'}")));
    CHECK_FALSE(accounts_of(exception_when("{principal: x}")));
}
