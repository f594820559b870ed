// Reads Falco rule files: lists, macros and rules in, match rules out, every mistake with its line
// and column.
//
//   auto readings = falco::read_files({{"a.yaml", text_a}, {"b.yaml", text_b}});
//
// Files are read together and in order, as later ones change what earlier ones define; each reading
// tells of the rules and mistakes of its own file. Rules about sources whose logs this program does
// not have, disabled ones and those that skip-if-unknown-filter forgives are listed as skipped. The
// language: falcosecurity/libs (userspace/libsinsp/filter) and falcosecurity/falco
// (userspace/engine), engine 0.63.0, with the rulings of docs/falco.md. Thread-safe.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "rule/sigma/sigma.h"

namespace yagura::rule::falco {

struct File {
    std::string_view name;  // as diagnostics call it
    std::string_view text;
};

struct ReadOptions {
    bool warnings = false;
};

std::vector<sigma::Reading> read_files(std::span<const File> files,
                                       const ReadOptions& options = {});

// Whether a rule file is Falco's: a list whose entries begin with rule, macro, list or required_…,
// or an empty list, of which nothing is left. Looks at no more than the first entry; false for
// anything that is not clearly Falco's.
bool is_falco(std::string_view text);

}  // namespace yagura::rule::falco
