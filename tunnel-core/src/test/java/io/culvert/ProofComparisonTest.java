package io.culvert;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.culvert.frame.Frame;
import io.culvert.frame.FrameWriter;
import io.culvert.link.Handshake;
import io.culvert.link.Proofs;
import io.culvert.link.ResumeProofs;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Secrets and proofs are compared in constant time, in one place. */
class ProofComparisonTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.culvert");

  private static final String[] PROTOCOL = {
    "io.culvert.frame..", "io.culvert.link..", "io.culvert.engine..", "io.culvert.connection.."
  };

  @Test
  void onlyProofsComparesInConstantTime() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(Proofs.class.getName())
        .should()
        .callMethod(MessageDigest.class, "isEqual", byte[].class, byte[].class)
        .check(CLASSES);
    Proofs.matches(new byte[1], new byte[1]); // what the rule speaks of exists
  }

  @Test
  void theProtocolComparesNoBytesInAnyOtherWay() {
    for (Class<?> comparer : new Class<?>[] {Arrays.class, ByteBuffer.class, Objects.class}) {
      noClasses()
          .that()
          .resideInAnyPackage(PROTOCOL)
          .should()
          .callMethodWhere(
              target(nameMatching("equals|deepEquals|compare|compareTo|mismatch|compareUnsigned"))
                  .and(target(owner(JavaClass.Predicates.type(comparer)))))
          .check(CLASSES);
    }
  }

  @Test
  void onlyWhoComputesOrWritesThemLooksAtProofsAndSecrets() {
    noClasses()
        .that()
        .doNotBelongToAnyOf(
            Frame.class, FrameWriter.class, Handshake.class, ResumeProofs.class, Proofs.class)
        .should()
        .callMethodWhere(
            target(name("proof").or(name("secret")))
                .and(target(owner(JavaClass.Predicates.resideInAnyPackage("io.culvert.frame..")))))
        .check(CLASSES);
  }
}
