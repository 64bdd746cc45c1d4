-- The sample company's people, as sql/sample/sample.sql has them, whose rows rest here, and their addresses' digests, null
-- without an account.
SELECT p.id, p.email, a.email_digest
  FROM (VALUES
         (1, 'msmith@apache.org'), (2, 'msmith@shopify.com'), (3, 'jbrown@shopify.com'), (4, 'jfischer@sap.com'),
         (5, 'jonas_fischer@gmail.com'), (6, 'ahlam@tiktok.com'), (7, 'shoimingli@tiktok.com'),
         (8, 'shoimingli@apache.org'), (9, 'vsharma@techmahindra.com'), (10, 'pgarg@techmahindra.com')
       ) AS sample (id, email)
  JOIN profile_${region} p ON p.id = sample.id AND p.email = sample.email
  LEFT JOIN identity.account_${region} a ON a.profile_id = p.id
 ORDER BY p.id
