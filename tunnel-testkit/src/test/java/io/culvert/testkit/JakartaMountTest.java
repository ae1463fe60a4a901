package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.websocket.MissingLibraryException;
import io.culvert.websocket.jakarta.JakartaMount;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.Test;

class JakartaMountTest {

  /** Sees Culvert anew, and no Jakarta WebSocket. */
  private static final class Without extends URLClassLoader {
    Without(URL culvert) {
      super(new URL[] {culvert}, JakartaMount.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("jakarta.websocket.")) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("io.culvert.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? findClass(name) : loaded;
      }
    }
  }

  @Test
  void withoutTheApiTheErrorNamesTheArtifact() throws Exception {
    URL culvert = JakartaMount.class.getProtectionDomain().getCodeSource().getLocation();
    try (Without loader = new Without(culvert)) {
      Class<?> mount = loader.loadClass(JakartaMount.class.getName());
      Throwable error =
          assertThrows(InvocationTargetException.class, () -> mount.getConstructor().newInstance())
              .getCause();
      assertEquals(MissingLibraryException.class.getName(), error.getClass().getName());
      assertTrue(
          error.getMessage().contains("jakarta.websocket:jakarta.websocket-api"),
          error::getMessage);
    }
  }
}
