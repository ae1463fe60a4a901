package io.culvert.cli;

import io.culvert.relay.access.Scope;
import io.culvert.relay.access.TokenFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code culvert token}. */
@Command(
    name = "token",
    sortOptions = false,
    description = {
      "Makes a token, and its entry for a relay's --token-file, which holds only a hash of it.",
      "The entry goes to standard output, the token to --out, or else to standard error."
    },
    optionListHeading = "%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  culvert token --identity ann --scope serve:pets,connect:pets",
      "  culvert token --identity ann --scope serve:pets --out pets.token > tokens.yaml"
    })
final class TokenCommand implements Callable<Integer> {
  private final Surroundings surroundings;

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

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "Writes the token into a new file that only its owner can read. Default: standard"
              + " error.")
  Path out;

  @Mixin ConfigOption config;
  @Mixin HelpOption help;

  TokenCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() {
    if (!identity.matches("[!-~]{1,128}")) {
      throw CliException.usage("--identity: expected 1 to 128 visible ASCII characters");
    }
    String token = TokenFile.newToken();
    if (out == null) {
      surroundings.err().println("The token, shown only now: " + token);
    } else {
      write(token);
    }
    String list =
        scopes.stream().map(scope -> quoted(scope.toString())).collect(Collectors.joining(", "));
    surroundings.out().println("tokens: # leave this line away to add the entry to others");
    surroundings.out().println("  - identity: " + quoted(identity));
    surroundings.out().println("    sha256: " + quoted(TokenFile.hash(token)));
    surroundings.out().println("    scopes: [" + list + "]");
    return ExitCodes.OK;
  }

  /** In double quotes YAML takes nothing for what it is not: * is an alias without. */
  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private void write(String token) {
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] owners =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    try {
      Files.createFile(out, owners);
      Files.writeString(out, token + "\n", StandardCharsets.US_ASCII);
    } catch (FileAlreadyExistsException e) {
      throw CliException.usage("--out: " + out + " is there already; name a new file");
    } catch (IOException e) {
      throw CliException.usage("--out: cannot write " + out);
    }
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
