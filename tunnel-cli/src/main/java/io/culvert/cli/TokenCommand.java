package io.culvert.cli;

import io.culvert.relay.access.Scope;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code culvert token}. */
@Command(
    name = "token",
    sortOptions = false,
    description =
        "Makes a token, and its entry for a relay's --token-file, which holds only a hash of it.",
    optionListHeading = "%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  culvert token --identity ann --scope serve:pets,connect:pets",
      "  culvert token --identity ann --scope serve:pets --out pets.token >> tokens.yaml"
    })
final class TokenCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(
      names = "--identity",
      required = true,
      paramLabel = "WHO",
      description = "Whose token it is: names belong to whoever serves them.")
  String identity;

  @Option(
      names = "--scope",
      required = true,
      split = ",",
      paramLabel = "SCOPE",
      converter = Scopes.class,
      description =
          "serve:NAME, connect:NAME, with * for all names, or admin. With commas or given several"
              + " times.")
  List<Scope> scopes;

  @Mixin ConfigOption config;
  @Mixin HelpOption help;

  @Override
  public Integer call() {
    spec.commandLine().getOut().println(scopes);
    return ExitCodes.OK;
  }

  /** Scopes as the library reads them. */
  static final class Scopes implements ITypeConverter<Scope> {
    @Override
    public Scope convert(String text) {
      try {
        return Scope.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
