package io.culvert.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Puts the commands together, and turns whatever is wrong into one line and an exit status. */
final class Cli {
  private final Surroundings surroundings;
  private final Services services;

  Cli(Surroundings surroundings, Services services) {
    this.surroundings = surroundings;
    this.services = services;
  }

  /** Runs one command to its end and tells the exit status. */
  int run(String... args) {
    try {
      ConfigFile file = configFile(args);
      return commandLine(file).execute(args);
    } catch (CliException e) {
      surroundings.err().println("culvert: " + e.getMessage());
      return e.exitCode();
    }
  }

  /** All commands; options that are not on the command line come from the layers below it. */
  CommandLine commandLine(ConfigFile file) {
    CommandLine root = new CommandLine(new RootCommand());
    root.addSubcommand(new RelayCommand(surroundings, services));
    root.addSubcommand(new AgentCommand(surroundings, services));
    root.addSubcommand(new ConnectCommand(surroundings, services));
    root.addSubcommand(new StatusCommand(surroundings));
    root.addSubcommand(new TokenCommand(surroundings));
    root.addSubcommand(new VersionCommand());
    root.addSubcommand("generate-completion", new AutoComplete.GenerateCompletion());
    Layers layers = new Layers(surroundings.environment(), file);
    forAll(
        root,
        command -> {
          command.setDefaultValueProvider(layers);
          command.setOut(surroundings.out());
          command.setErr(surroundings.err());
          command.setUsageHelpWidth(100);
          command.setUsageHelpAutoWidth(surroundings.terminal().isPresent());
          command.setParameterExceptionHandler((e, unused) -> wrongUsage(e, layers));
          command.setExecutionExceptionHandler(this::failure);
        });
    return root;
  }

  private static void forAll(CommandLine command, java.util.function.Consumer<CommandLine> action) {
    action.accept(command);
    command.getSubcommands().values().forEach(sub -> forAll(sub, action));
  }

  private int wrongUsage(ParameterException e, Layers layers) {
    surroundings.err().println(UsageProblem.describe(e, layers));
    return ExitCodes.USAGE;
  }

  private int failure(Exception e, CommandLine command, ParseResult parsed) throws Exception {
    if (!(e instanceof CliException known)) {
      throw e;
    }
    String name = command.getCommandSpec().qualifiedName();
    String help = known.exitCode() == ExitCodes.USAGE ? UsageProblem.seeHelp(name) : "";
    surroundings.err().println(name + ": " + known.getMessage() + help);
    return known.exitCode();
  }

  /**
   * The defaults have to be known before the command line is parsed, and the file that has them is
   * named on it: so the command line is looked at twice.
   */
  private ConfigFile configFile(String[] args) {
    FileOption option = new FileOption();
    CommandLine look = new CommandLine(CommandSpec.forAnnotatedObject(option));
    look.setUnmatchedArgumentsAllowed(true);
    look.setOverwrittenOptionsAllowed(true);
    try {
      look.parseArgs(args);
    } catch (ParameterException e) {
      // The second look says it, with the name of the command.
      return ConfigFile.NONE;
    }
    Optional<String> named =
        Optional.ofNullable(surroundings.environment().get(Layers.variable("--config")));
    Optional<Path> path = Optional.ofNullable(option.path).or(() -> named.map(Path::of));
    return path.map(ConfigFile::read).orElse(ConfigFile.NONE);
  }

  /** The first look. */
  private static final class FileOption {
    @Option(names = "--config")
    Path path;
  }
}
