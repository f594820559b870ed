#include "base/fault.h"

#include <array>

namespace yagura {
namespace {

struct Row {
    std::string_view name;
    Text sentence;
};

// clang-format off
constexpr std::array kFaults = {
#define FAULT(name, en, ja) Row{#name, {en, ja}},
#include "base/faults.def"
#undef FAULT
};
// clang-format on

}  // namespace

std::string_view fault_name(FaultCode code) {
    return kFaults[static_cast<size_t>(code)].name;
}

std::string_view fault_sentence(FaultCode code, Language language) {
    return kFaults[static_cast<size_t>(code)].sentence.in(language);
}

}  // namespace yagura
