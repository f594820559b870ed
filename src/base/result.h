// How things fail here, in three forms for three audiences (see docs/architecture.md, "Errors").
//
//   Result<Rule> load_rule(const std::filesystem::path& file);
//   YAGURA_TRY(auto rule, load_rule(file));        // returns the error to our caller
//   YAGURA_CHECK(write(file, text));               // the same for Result<void>
//
// Per record there is Fault (fault.h); for text a person wrote there is Diagnostic (diagnostic.h).
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace yagura {

// What kind of failure it is, for programs; the sentence is for people.
enum class Code {
    invalid,       // the input is not what it should be
    not_found,     // a file, table or name that should be there is not
    corrupt,       // our own stored data fails its checks
    io,            // the operating system refused
    limit,         // a bound was reached (size, depth, memory)
    busy,          // somebody else holds it (a second writer)
    unauthorized,  // who asks has not proven who they are
    forbidden,     // they have, and may not do this
    conflict,      // it does not go together with what is there (a name that is taken)
    cancelled,     // the user asked to stop
    unsupported,   // understood, but this build or version cannot do it
    internal,      // our own mistake
};

// Code, one sentence in the user's language, and what we were doing, innermost first.
class Error {
  public:
    Error(Code code, std::string sentence) : code_(code), sentence_(std::move(sentence)) {}

    Code code() const { return code_; }
    const std::string& sentence() const { return sentence_; }

    // Adds an outer step: Error("no such file").during("lake /data/lake").
    Error during(std::string_view step) && {
        sentence_ = std::string(step) + ": " + sentence_;
        return std::move(*this);
    }

  private:
    Code code_;
    std::string sentence_;
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
  public:
    using Base = tl::expected<T, Error>;
    using Base::Base;
    Result(Error error) : Base(tl::unexpect, std::move(error)) {}
    Result(tl::unexpected<Error> error) : Base(std::move(error)) {}
};

inline tl::unexpected<Error> fail(Code code, std::string sentence) {
    return tl::unexpected<Error>(Error(code, std::move(sentence)));
}

}  // namespace yagura

#define YAGURA_CONCAT_INNER(a, b) a##b
#define YAGURA_CONCAT(a, b) YAGURA_CONCAT_INNER(a, b)

#define YAGURA_TRY_INNER(result, declaration, expression)                             \
    auto result = (expression);                                                       \
    if (!result) return ::tl::unexpected<::yagura::Error>(std::move(result).error()); \
    declaration = std::move(*result)

// Declares `declaration` from a Result, or returns its error. The counter keeps the names apart
// when the expression holds a lambda with checks of its own.
#define YAGURA_TRY(declaration, expression) \
    YAGURA_TRY_INNER(YAGURA_CONCAT(yagura_result_, __COUNTER__), declaration, expression)

#define YAGURA_CHECK_INNER(checked, expression)                                             \
    do {                                                                                    \
        auto checked = (expression);                                                        \
        if (!checked) return ::tl::unexpected<::yagura::Error>(std::move(checked).error()); \
    } while (false)

// Returns the error of a Result<void>, if it has one.
#define YAGURA_CHECK(expression) \
    YAGURA_CHECK_INNER(YAGURA_CONCAT(yagura_checked_, __COUNTER__), expression)
