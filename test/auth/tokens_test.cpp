#include "auth/tokens.h"

#include <random>

#include "auth/made.h"

namespace yagura::auth {

using namespace std::chrono_literals;

namespace {

const auto kOne = AccountScope::of({"111111111111"});
const auto kTwo = AccountScope::of({"111111111111", "222222222222"});

}  // namespace

TEST_CASE("a token without wishes is worth what its owner is") {
    MadeGate made;
    made.add("mika", Role::analyst, kTwo);
    const NewToken token = must(made->tokens().add("mika", {.label = "export"}, kActor));
    CHECK(token.secret.starts_with("yag_"));
    CHECK(token.secret.size() == 47);
    const Principal who = *must(made->tokens().find(token.secret));
    CHECK(who.name == "mika");
    CHECK(who.role == Role::analyst);
    CHECK(who.accounts == kTwo);
    CHECK(who.session == token.row.id);
    CHECK(who.csrf.empty());
    CHECK(who.is_token());
}

TEST_CASE("a token beyond its owner is not made") {
    MadeGate made;
    made.add("mika", Role::analyst, kOne);
    const auto add = [&](std::optional<Role> role, std::optional<AccountScope> accounts) {
        return made->tokens().add(
            "mika", {.label = "x", .role = role, .accounts = std::move(accounts)}, kActor);
    };
    CHECK(code_of(add(Role::responder, std::nullopt)) == Code::forbidden);
    CHECK(code_of(add(std::nullopt, kTwo)) == Code::forbidden);
    CHECK(code_of(add(std::nullopt, AccountScope::all())) == Code::forbidden);
    CHECK(add(Role::viewer, kOne).has_value());
    CHECK(add(Role::viewer, AccountScope::of({})).has_value());
}

TEST_CASE("a token loses what its owner loses, and gains nothing the owner gains") {
    MadeGate made;
    made.add("root", Role::admin);
    made.add("mika", Role::responder, kTwo);
    const std::string secret = must(made->tokens().add("mika", {.label = "x"}, kActor)).secret;
    must(made->people().change("mika", {.role = Role::viewer, .accounts = kOne}, kActor));
    Principal who = *must(made->tokens().find(secret));
    CHECK(who.role == Role::viewer);
    CHECK(who.accounts == kOne);
    must(made->people().change(
        "mika", {.role = Role::admin, .accounts = AccountScope::all()}, kActor));
    who = *must(made->tokens().find(secret));
    CHECK(who.role == Role::responder);
    CHECK(who.accounts == kTwo);
    must(made->people().change(
        "mika", {.role = Role::viewer, .accounts = kTwo, .is_disabled = true}, kActor));
    CHECK(!must(made->tokens().find(secret)));
    must(made->people().remove("mika", kActor));
    made.add("mika", Role::admin);
    CHECK(!must(made->tokens().find(secret)));
}

TEST_CASE("whatever happens to the owner, a token is never above them") {
    MadeGate made;
    made.add("root", Role::admin);
    std::mt19937 random(11);
    const AccountScope scopes[] = {AccountScope::all(), kTwo, kOne, AccountScope::of({})};
    made.add("mika");
    std::vector<std::string> secrets;
    for (int step = 0; step < 120; ++step) {
        const auto role = static_cast<Role>(random() % 4);
        const AccountScope scope = scopes[random() % 4];
        if (random() % 2) {
            (void)made->people().change("mika", {.role = role, .accounts = scope}, kActor);
        } else if (auto token = made->tokens().add(
                       "mika", {.label = "x", .role = role, .accounts = scope}, kActor)) {
            secrets.push_back(token->secret);
        }
        const Person owner = must(made->people().find("mika"));
        for (const std::string& secret : secrets) {
            const Principal who = *must(made->tokens().find(secret));
            CHECK(who.role <= owner.role);
            CHECK(owner.accounts.contains(who.accounts));
            CHECK((who.role != Role::admin || who.accounts.is_all()));
        }
    }
    CHECK(secrets.size() > 3);
}

TEST_CASE("a token of an administrator for some accounts is no administrator's") {
    MadeGate made;
    made.add("root", Role::admin);
    const NewToken token =
        must(made->tokens().add("root", {.label = "x", .accounts = kOne}, kActor));
    CHECK(must(made->tokens().find(token.secret))->role == Role::responder);
    CHECK(code_of(made->tokens().add(
              "root", {.label = "x", .role = Role::admin, .accounts = kOne}, kActor)) ==
          Code::invalid);
}

TEST_CASE("a token ends when it was said to") {
    MadeGate made;
    made.add("mika");
    const NewToken token =
        must(made->tokens().add("mika", {.label = "x", .expires = made.now() + 1h}, kActor));
    made.pass(1h - 1us);
    CHECK(must(made->tokens().find(token.secret)));
    made.pass(1us);
    CHECK(!must(made->tokens().find(token.secret)));
    CHECK(must(made->tokens().list("mika")).size() == 1);
    CHECK(code_of(made->tokens().add("mika", {.label = "x", .expires = made.now()}, kActor)) ==
          Code::invalid);
}

TEST_CASE("last use is kept to the minute") {
    MadeGate made;
    made.add("mika");
    const NewToken token = must(made->tokens().add("mika", {.label = "x"}, kActor));
    CHECK(!must(made->tokens().list("mika"))[0].last_used);
    must(made->tokens().find(token.secret));
    const Timestamp first = made.now();
    CHECK(must(made->tokens().list("mika"))[0].last_used == first);
    made.pass(59s);
    must(made->tokens().find(token.secret));
    CHECK(must(made->tokens().list("mika"))[0].last_used == first);
    made.pass(1s);
    must(made->tokens().find(token.secret));
    CHECK(must(made->tokens().list("mika"))[0].last_used == made.now());
}

TEST_CASE("tokens are bounded, labelled, listed and removed by their owner or an administrator") {
    MadeGate made;
    made.add("mika");
    made.add("ken");
    CHECK(code_of(made->tokens().add("mika", {.label = " "}, kActor)) == Code::invalid);
    CHECK(code_of(made->tokens().add("mika", {.label = std::string(101, 'x')}, kActor)) ==
          Code::invalid);
    CHECK(code_of(made->tokens().add("mika", {.label = "\xFF"}, kActor)) == Code::invalid);
    CHECK(code_of(made->tokens().add("nobody", {.label = "x"}, kActor)) == Code::not_found);
    for (size_t i = 0; i < Tokens::kMostPerPerson; ++i)
        must(made->tokens().add("mika", {.label = "x"}, kActor));
    CHECK(code_of(made->tokens().add("mika", {.label = "x"}, kActor)) == Code::limit);
    const NewToken his = must(made->tokens().add("ken", {.label = "エクスポート"}, kActor));
    CHECK(must(made->tokens().list("")).size() == Tokens::kMostPerPerson + 1);
    CHECK(must(made->tokens().list("ken"))[0].label == "エクスポート");
    CHECK(code_of(made->tokens().remove(his.row.id, "mika", kActor)) == Code::not_found);
    must(made->tokens().remove(his.row.id, "ken", kActor));
    CHECK(!must(made->tokens().find(his.secret)));
}

TEST_CASE("nothing but the secret itself is a token") {
    MadeGate made;
    made.add("mika");
    const NewToken token = must(made->tokens().add("mika", {.label = "x"}, kActor));
    const NewSession session = made.signed_in("mika");
    for (const std::string& wrong : {std::string(),
                                     std::string("yag_"),
                                     token.secret.substr(4),
                                     token.secret + " ",
                                     "yag_" + token.row.id,
                                     session.secret,
                                     "yag_" + session.secret})
        CHECK(!must(made->tokens().find(wrong)));
    CHECK(!must(made->sessions().find(token.secret)));
}

}  // namespace yagura::auth
