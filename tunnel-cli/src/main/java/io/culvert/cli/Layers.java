package io.culvert.cli;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where an option's value comes from when it is not on the command line: the environment, else the
 * file, else its own default. For one run of the command; not thread-safe.
 */
final class Layers implements IDefaultValueProvider {
  private static final String PREFIX = "CULVERT_";

  private final Map<String, String> environment;
  private final ConfigFile file;
  private final Map<ArgSpec, Value> given = new HashMap<>();

  Layers(Map<String, String> environment, ConfigFile file) {
    this.environment = environment;
    this.file = file;
  }

  /** A value and where it was found. */
  record Value(String text, String origin) {}

  @Override
  public String defaultValue(ArgSpec arg) {
    if (!(arg instanceof OptionSpec option) || !isLayered(option)) {
      return null;
    }
    // Not in the constructor: which keys are right depends on the command.
    file.check(option.command());
    Optional<Value> value = fromEnvironment(option).or(() -> file.value(key(option)));
    value.ifPresent(v -> given.put(arg, v));
    return value.map(Value::text).orElse(null);
  }

  /** Where the value of an option was found; empty if on the command line or nowhere. */
  Optional<Value> given(ArgSpec option) {
    return Optional.ofNullable(given.get(option));
  }

  private Optional<Value> fromEnvironment(OptionSpec option) {
    String variable = variable(option.longestName());
    // Set to nothing is how a shell or a service file says "not set".
    return Optional.ofNullable(environment.get(variable))
        .filter(text -> !text.isEmpty())
        .map(text -> new Value(text, variable));
  }

  /** Whether an option can be in the environment and in a file: all but those that ask for help. */
  static boolean isLayered(OptionSpec option) {
    return !option.usageHelp() && !option.versionHelp() && option.longestName().startsWith("--");
  }

  /** The environment's variable of an option: {@code --agent-port} is CULVERT_AGENT_PORT. */
  static String variable(String longName) {
    return PREFIX + longName.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
  }

  /** The file's key of an option: its long name without the dashes. */
  static String key(OptionSpec option) {
    return option.longestName().substring(2);
  }

  /** Whether the command has an option that a file may have under this key. */
  static boolean isKey(CommandSpec command, String key) {
    OptionSpec option = command.findOption("--" + key);
    return option != null && isLayered(option) && !key.equals("config");
  }
}
