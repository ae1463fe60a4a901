package io.culvert.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Files that options name: looked at when the command begins, not when they are first needed. */
final class OptionFiles {
  private OptionFiles() {}

  /**
   * A file that can be read; empty if none is named.
   *
   * @throws CliException if there is none, or it cannot be read
   */
  static Optional<Path> readable(String option, Path path) {
    if (path == null) {
      return Optional.empty();
    }
    if (!Files.exists(path)) {
      throw CliException.usage(option + ": there is no file " + path);
    }
    if (!Files.isRegularFile(path) && Files.isDirectory(path)) {
      throw CliException.usage(option + ": expected a file, but " + path + " is a directory");
    }
    if (!Files.isReadable(path)) {
      throw CliException.usage(option + ": this user may not read " + path);
    }
    return Optional.of(path);
  }

  /**
   * A directory that can be read; empty if none is named.
   *
   * @throws CliException if there is none, or it cannot be read
   */
  static Optional<Path> directory(String option, Path path) {
    if (path == null) {
      return Optional.empty();
    }
    if (!Files.isDirectory(path)) {
      throw CliException.usage(option + ": there is no directory " + path);
    }
    if (!Files.isReadable(path)) {
      throw CliException.usage(option + ": this user may not read " + path);
    }
    return Optional.of(path);
  }
}
