package io.culvert.cli;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.MaxValuesExceededException;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** One line that says what is wrong with the input and how to put it right. */
final class UsageProblem {
  private UsageProblem() {}

  /** Where to read on. */
  static String seeHelp(String command) {
    return "; see " + command + " --help";
  }

  /** The line for what picocli has found. */
  static String describe(ParameterException e, Layers layers) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    return command + ": " + text(e, layers) + seeHelp(command);
  }

  private static String text(ParameterException e, Layers layers) {
    if (e.getCause() instanceof CliException known) {
      return known.getMessage();
    }
    if (e instanceof UnmatchedArgumentException unmatched) {
      return unmatched(unmatched);
    }
    if (e instanceof OverwrittenOptionException twice) {
      return name(twice.getOverwritten()) + " is given twice; keep one";
    }
    List<String> unknown = e.getCommandLine().getUnmatchedArguments();
    if (!unknown.isEmpty()) {
      // Whoever has mistyped an option may miss it just for that.
      return unmatched(new UnmatchedArgumentException(e.getCommandLine(), unknown));
    }
    if (e instanceof MissingParameterException missing && !missing.getMissing().isEmpty()) {
      return missing(missing);
    }
    if (e instanceof MaxValuesExceededException many && many.getArgSpec() != null) {
      return name(many.getArgSpec()) + " takes one value";
    }
    return withOrigin(e, layers);
  }

  private static String unmatched(UnmatchedArgumentException e) {
    String argument = e.getUnmatched().get(0);
    boolean option = e.isUnknownOption();
    boolean root = e.getCommandLine().getParent() == null;
    String what = option ? "unknown option " : root ? "unknown command " : "unexpected argument ";
    // The value of a secret option is not to be shown because of a typing error in its name.
    String shown = option ? argument.replaceFirst("=.*", "") : argument;
    List<String> similar = e.getSuggestions();
    return what
        + shown
        + (similar.isEmpty() ? "" : ", did you mean " + plain(similar.get(0)) + "?");
  }

  private static String plain(String suggestion) {
    return suggestion.replaceFirst("^.*?(--[a-z-]+).*$", "$1");
  }

  private static String missing(MissingParameterException e) {
    List<ArgSpec> missing = e.getMissing();
    if (e.getMessage().startsWith("Missing required parameter")
        || e.getMessage().startsWith("Expected parameter")) {
      return name(missing.get(0)) + " needs a value";
    }
    return "missing "
        + missing.stream().map(UsageProblem::nameAndVariable).collect(Collectors.joining(" and "));
  }

  private static String nameAndVariable(ArgSpec arg) {
    return arg instanceof OptionSpec option
        ? option.longestName() + " (or " + Layers.variable(option.longestName()) + ")"
        : arg.paramLabel();
  }

  private static String withOrigin(ParameterException e, Layers layers) {
    String message = e.getMessage();
    ArgSpec arg = e.getArgSpec();
    if (arg == null) {
      return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    }
    int colon = message.indexOf(": ");
    String origin =
        layers
            .given(arg)
            .filter(value -> value.text().equals(e.getValue()))
            .map(value -> " (" + value.origin() + ")")
            .orElse("");
    return name(arg) + origin + ": " + message.substring(colon + 2);
  }

  private static String name(ArgSpec arg) {
    return arg instanceof OptionSpec option ? option.longestName() : arg.paramLabel();
  }
}
