#include "auth/gate.h"

#include "auth/names.h"

namespace yagura::auth {
namespace {

using std::chrono::seconds;

// The form the file knows, or nothing that anybody could have.
std::string asked_name(std::string_view typed) {
    auto name = normal_name(typed);
    return name ? std::move(*name) : std::string();
}

}  // namespace

Result<std::unique_ptr<Gate>> Gate::open(const std::filesystem::path& lake) {
    return open(lake, Options());
}

Result<std::unique_ptr<Gate>> Gate::open(const std::filesystem::path& lake, Options options) {
    YAGURA_TRY(auto file, File::open(lake / "console", options.clock, options.randomness));
    std::unique_ptr<Gate> gate(new Gate(std::move(file), std::move(options)));
    YAGURA_CHECK(gate->throttle_rows_.load(gate->throttle_));
    return gate;
}

Gate::Gate(std::unique_ptr<File> file, Options options)
    : file_(std::move(file)),
      audit_(*file_),
      hasher_(options.hashing),
      throttle_(options.throttle),
      throttle_rows_(*file_),
      people_(*file_, hasher_, audit_),
      sessions_(*file_, audit_, options.sessions),
      tokens_(*file_, audit_),
      local_csrf_(make_secret(options.randomness)) {}

Result<Gate::Proof> Gate::prove(std::string_view name,
                                std::string_view password,
                                const Client& client) {
    Proof proof;
    proof.wait = throttle_.begin(name, client.address, file_->now());
    if (proof.wait > seconds(0)) return proof;
    const auto right = people_.is_password(name, password);
    if (!right) {
        throttle_.take_back(name, client.address);
        return right.error();
    }
    proof.is_right = *right;
    if (proof.is_right) throttle_.succeeded(name, client.address);
    keep_throttle(name, client);
    return proof;
}

// A disk that is full keeps nobody out: in memory the wait holds all the same.
void Gate::keep_throttle(std::string_view name, const Client& client) {
    const auto counts = throttle_.to_keep(name, client.address);
    static_cast<void>(throttle_rows_.keep(counts, throttle_.options()));
}

Result<void> Gate::tell_failure(std::string_view name, const Client& client, const Proof& proof) {
    const auto left_out = failures_.next(file_->now());
    if (!left_out) return {};
    // What is no user's name may be a password typed into the wrong field: it is not written down.
    const bool is_known = people_.find(name).has_value();
    AuditEntry entry{.who = "",
                     .address = client.address,
                     .action = "login",
                     .target = is_known ? std::string(name) : "(unknown)",
                     .result = proof.wait > seconds(0) ? "throttled" : "refused"};
    if (*left_out > 0) entry.detail = std::to_string(*left_out) + " more were not written";
    return audit_.write(entry);
}

SignIn Gate::failed(const Proof& proof) {
    if (proof.wait > seconds(0)) return {SignIn::State::throttled, proof.wait};
    return {};
}

Result<SignIn> Gate::sign_in(std::string_view name,
                             std::string_view password,
                             const Client& client,
                             std::string_view replaced) {
    const std::string asked = asked_name(name);
    YAGURA_TRY(const Proof proof, prove(asked, password, client));
    if (!proof.is_right) {
        YAGURA_CHECK(tell_failure(asked, client, proof));
        return failed(proof);
    }
    auto session = sessions_.open({asked}, client, replaced);
    // Removed or disabled since the password was looked at.
    if (!session && session.error().code() == Code::not_found) return SignIn{};
    if (!session) return session.error();
    return SignIn{SignIn::State::signed_in, {}, std::move(*session)};
}

Result<NewSession> Gate::set_up(const NewPerson& person, const Client& client) {
    NewPerson first = person;
    first.role = Role::admin;
    first.accounts = AccountScope::all();
    YAGURA_CHECK(people_.add_first(first, {std::string(kLocalName), client.address}));
    return sessions_.open({asked_name(person.name), "setup"}, client);
}

Result<SignIn> Gate::change_password(const Principal& who,
                                     std::string_view current,
                                     std::string_view wanted,
                                     const Client& client) {
    YAGURA_TRY(const Proof proof, prove(who.name, current, client));
    if (!proof.is_right) {
        YAGURA_CHECK(tell_failure(who.name, client, proof));
        return failed(proof);
    }
    const PersonChange change{.password = std::string(wanted)};
    YAGURA_CHECK(people_.change(who.name, change, {who.name, client.address}));
    YAGURA_TRY(NewSession session, sessions_.open({who.name, "new password"}, client));
    return SignIn{SignIn::State::signed_in, {}, std::move(session)};
}

Principal Gate::local() const {
    return {.name = std::string(kLocalName),
            .role = Role::admin,
            .accounts = AccountScope::all(),
            .csrf = local_csrf_};
}

Result<bool> Gate::setup_required() {
    if (is_set_up_) return false;
    YAGURA_TRY(const bool required, people_.setup_required());
    if (!required) is_set_up_ = true;
    return required;
}

}  // namespace yagura::auth
