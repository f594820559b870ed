#include "console/console.h"

namespace yagura::console {

Console::Console(const std::filesystem::path& lake, std::unique_ptr<Notebook> notebook)
    : notebook_(std::move(notebook)),
      triage(*notebook_),
      aliases(*notebook_),
      views(*notebook_),
      history(*notebook_),
      visits(*notebook_),
      buckets(*notebook_),
      exceptions(lake),
      board(lake, notebook_.get(), exceptions) {}

Result<std::unique_ptr<Console>> Console::open(const std::filesystem::path& lake) {
    YAGURA_TRY(auto notebook, Notebook::open(lake));
    return std::unique_ptr<Console>(new Console(lake, std::move(notebook)));
}

}  // namespace yagura::console
