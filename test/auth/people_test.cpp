#include "auth/people.h"

#include <thread>

#include "auth/made.h"

namespace yagura::auth {

TEST_CASE("a person comes back as they were added") {
    MadeGate made;
    must(made->people().add({.name = "Mika@Example.com",
                             .password = std::string(kPassword),
                             .role = Role::responder,
                             .accounts = AccountScope::of({"222222222222", "111111111111"}),
                             .language = "ja"},
                            kActor));
    const Person mika = must(made->people().find("MIKA@example.com"));
    CHECK(mika.name == "mika@example.com");
    CHECK(mika.role == Role::responder);
    CHECK(mika.accounts == AccountScope::of({"111111111111", "222222222222"}));
    CHECK(mika.language == "ja");
    CHECK(mika.created == made.now());
    CHECK(!mika.last_login);
    CHECK(!mika.is_disabled);
    CHECK(code_of(made->people().find("nobody")) == Code::not_found);
    CHECK(code_of(made->people().find("no name!")) == Code::not_found);
}

TEST_CASE("an empty list of accounts stays empty and does not become all") {
    MadeGate made;
    made.add("mika", Role::analyst, AccountScope::of({}));
    CHECK(!must(made->people().find("mika")).accounts.is_all());
    CHECK(must(made->people().find("mika")).accounts.accounts().empty());
    CHECK(!made.signed_in("mika").who.accounts.contains("111111111111"));
}

TEST_CASE("a name is taken once, in whatever case") {
    MadeGate made;
    made.add("mika");
    CHECK(code_of(made->people().add({.name = "MIKA", .password = std::string(kPassword)},
                                     kActor)) == Code::conflict);
}

TEST_CASE("accounts are ids, and not too many") {
    MadeGate made;
    const auto add = [&](AccountScope accounts) {
        return made->people().add(
            {.name = "mika", .password = std::string(kPassword), .accounts = std::move(accounts)},
            kActor);
    };
    CHECK(code_of(add(AccountScope::of({"1,2"}))) == Code::invalid);
    CHECK(code_of(add(AccountScope::of({"1' OR 1=1"}))) == Code::invalid);
    CHECK(code_of(add(AccountScope::of({std::string(65, '1')}))) == Code::invalid);
    std::vector<std::string> many;
    for (int i = 0; i < 1001; ++i) many.push_back(std::to_string(i));
    CHECK(code_of(add(AccountScope::of(many))) == Code::invalid);
    many.pop_back();
    CHECK(add(AccountScope::of(many)).has_value());
    CHECK(must(made->people().find("mika")).accounts.accounts().size() == 1000);
}

TEST_CASE("the last administrator cannot go, be disabled or be made less") {
    MadeGate made;
    made.add("root", Role::admin);
    made.add("mika", Role::responder);
    const auto is_kept = [&](std::string_view name) {
        return code_of(made->people().remove(name, kActor)) == Code::conflict &&
               code_of(made->people().change(name, {.role = Role::viewer}, kActor)) ==
                   Code::conflict &&
               code_of(made->people().change(name, {.is_disabled = true}, kActor)) ==
                   Code::conflict;
    };
    CHECK(is_kept("root"));
    CHECK(must(made->people().find("root")).role == Role::admin);
    CHECK(!must(made->people().find("root")).is_disabled);

    must(made->people().change("mika", {.role = Role::admin}, kActor));
    must(made->people().change("mika", {.is_disabled = true}, kActor));
    CHECK(is_kept("root"));  // a disabled one does not count
    must(made->people().change("mika", {.is_disabled = false}, kActor));
    must(made->people().remove("root", kActor));
    CHECK(is_kept("mika"));
    CHECK(!must(made->setup_required()));
}

TEST_CASE("of two administrators who remove each other at once one stays") {
    for (int round = 0; round < 8; ++round) {
        MadeGate made;
        made.add("a", Role::admin);
        made.add("b", Role::admin);
        std::thread one([&] { (void)made->people().remove("a", kActor); });
        std::thread other([&] { (void)made->people().change("b", {.is_disabled = true}, kActor); });
        one.join();
        other.join();
        CHECK(!must(made->people().setup_required()));
    }
}

TEST_CASE("an administrator sees all accounts or is none") {
    MadeGate made;
    made.add("root", Role::admin);
    CHECK(code_of(made->people().change(
              "root", {.accounts = AccountScope::of({"111111111111"})}, kActor)) == Code::invalid);
    made.add("mika", Role::analyst, AccountScope::of({"111111111111"}));
    CHECK(code_of(made->people().change("mika", {.role = Role::admin}, kActor)) == Code::invalid);
    must(made->people().change(
        "mika", {.role = Role::admin, .accounts = AccountScope::all()}, kActor));
    CHECK(must(made->people().find("mika")).role == Role::admin);
}

TEST_CASE("a change that is refused changes nothing and leaves no row") {
    MadeGate made;
    made.add("root", Role::admin);
    const int64_t rows = must(made->audit().page(1, 0)).total;
    PersonChange change{.role = Role::viewer, .language = "ja"};
    CHECK(code_of(made->people().change("root", change, kActor)) == Code::conflict);
    change = {.language = "fr"};
    CHECK(code_of(made->people().change("root", change, kActor)) == Code::invalid);
    change = {.password = "short"};
    CHECK(code_of(made->people().change("root", change, kActor)) == Code::invalid);
    CHECK(must(made->people().find("root")).language.empty());
    CHECK(must(made->audit().page(1, 0)).total == rows);
}

TEST_CASE("what is done to people is told in the audit log, without passwords") {
    MadeGate made;
    made.add("mika", Role::analyst, AccountScope::of({"111111111111"}));
    const PersonChange change{.role = Role::responder,
                              .accounts = AccountScope::all(),
                              .language = "ja",
                              .is_disabled = true,
                              .password = std::string(kOtherPassword)};
    must(made->people().change("mika", change, kActor));
    must(made->people().remove("mika", kActor));
    const AuditPage page = must(made->audit().page(10, 0));
    REQUIRE(page.total == 3);
    CHECK(page.rows[0].entry.action == "user.remove");
    CHECK(page.rows[1].entry.action == "user.change");
    CHECK(page.rows[1].entry.detail == "role=responder accounts=all language=ja disabled password");
    CHECK(page.rows[2].entry.action == "user.add");
    CHECK(page.rows[2].entry.detail == "role=analyst accounts=111111111111");
    for (const AuditRow& row : page.rows) {
        CHECK(row.entry.who == "root");
        CHECK(row.entry.target == "mika");
        CHECK(row.entry.address == "192.0.2.1");
    }
}

TEST_CASE("people are bounded in number") {
    MadeGate made;
    made.add("root", Role::admin);
    made.tamper(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999) "
        "INSERT INTO people(name, password, role, language, created, disabled) "
        "SELECT 'p' || i, '', 0, '', 0, 0 FROM n");
    CHECK(code_of(made->people().add({.name = "mika", .password = std::string(kPassword)},
                                     kActor)) == Code::limit);
}

TEST_CASE("who has no password is proven otherwise and cannot sign in with an empty one") {
    MadeGate made;
    made.add("mika");
    made.tamper("UPDATE people SET password = ''");
    CHECK(must(made->sign_in("mika", "", kClient)).state == SignIn::State::refused);
    // The seam for other ways: the identity was proven elsewhere, what it may do is looked up here.
    const NewSession session = must(made->sessions().open({"mika", "oidc"}, kClient));
    CHECK(session.who.name == "mika");
    CHECK(must(made->audit().page(1, 0)).rows[0].entry.detail == "oidc");
}

}  // namespace yagura::auth
