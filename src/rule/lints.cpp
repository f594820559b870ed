#include "rule/lints.h"

#include <array>

namespace yagura::rule {
namespace {

constexpr std::string_view kNames[] = {
#define LINT(name, severity, english, japanese, remedy, remedy_ja) #name,
#include "rule/lints.def"
#undef LINT
};
constexpr size_t kCount = std::size(kNames);

// The codes, with - for _.
struct Codes {
    std::array<std::array<char, 32>, kCount> text{};
    constexpr Codes() {
        for (size_t i = 0; i < kCount; ++i) {
            for (size_t j = 0; j < kNames[i].size(); ++j)
                text[i][j] = kNames[i][j] == '_' ? '-' : kNames[i][j];
        }
    }
    constexpr std::string_view operator[](size_t i) const {
        return {text[i].data(), kNames[i].size()};
    }
};
constexpr Codes kCodes;

constexpr std::string_view code_of(Lint lint) {
    return kCodes[static_cast<size_t>(lint)];
}

constexpr LintRow kLints[] = {
#define LINT(name, severity, english, japanese, remedy, remedy_ja) \
    {code_of(Lint::name), LintSeverity::severity, {english, japanese}, {remedy, remedy_ja}},
#include "rule/lints.def"
#undef LINT
};

}  // namespace

std::span<const LintRow> lints() {
    return kLints;
}

const LintRow& row_of(Lint lint) {
    return kLints[static_cast<size_t>(lint)];
}

const LintRow* find_lint(std::string_view code) {
    for (const LintRow& row : kLints) {
        if (row.code == code) return &row;
    }
    return nullptr;
}

std::string_view severity_name(LintSeverity severity) {
    constexpr std::string_view kSeverities[] = {"error", "warning", "style"};
    return kSeverities[static_cast<size_t>(severity)];
}

}  // namespace yagura::rule
