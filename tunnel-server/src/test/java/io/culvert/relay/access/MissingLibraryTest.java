package io.culvert.relay.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read with a library that is optional says which one, if it is not there. */
class MissingLibraryTest {
  @TempDir Path dir;

  /** The class path of this test without one library. */
  private static URLClassLoader without(String artifact) throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!entry.contains(artifact)) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    return new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
  }

  @ParameterizedTest
  @CsvSource({
    "TokenFile, org.snakeyaml:snakeyaml-engine",
    "PublicAccess, org.snakeyaml:snakeyaml-engine",
  })
  void theErrorNamesTheArtifact(String name, String artifact) throws Exception {
    Path file = Files.writeString(dir.resolve("file"), "names: {}");
    try (URLClassLoader loader = without(artifact.substring(artifact.indexOf(':') + 1))) {
      Class<?> type = loader.loadClass("io.culvert.relay.access." + name);

      Throwable failed =
          assertThrows(
                  InvocationTargetException.class,
                  () -> type.getMethod("open", Path.class).invoke(null, file))
              .getCause();

      assertEquals("MissingLibraryException", failed.getClass().getSimpleName());
      assertTrue(failed.getMessage().contains(artifact), failed.getMessage());
    }
  }
}
